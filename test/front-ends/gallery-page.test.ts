import { testFrontEnd } from './front-end.js';

await testFrontEnd('A Vite and React page', () => import('./gallery-page.js'));
