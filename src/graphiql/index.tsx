import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './style.css';
import './workers.js';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { readSettings } from './settings.js';

const root = document.querySelector('#root');
if (root) createRoot(root).render(<App {...readSettings()} />);
