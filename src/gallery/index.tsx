import { effect } from '@preact/signals';
import { render } from 'preact';
import { key } from './access/key.js';
import { App } from './app.js';
import { queryClient } from './data/query-client.js';
import { startRouter } from './router.js';
import { startTheme } from './shell/theme.js';
import './styles/index.css';

startRouter();
startTheme();
// What one key saw is not for the next.
effect(() => {
  void key.value;
  queryClient.clear();
});
queryClient.mount();
const root = document.querySelector('#root');
if (root) render(<App />, root);
