import { testFrontEnd } from './front-end.js';

await testFrontEnd('urql', () => import('./urql.js'));
