import { testFrontEnd } from './front-end.js';

await testFrontEnd('Apollo Client', () => import('./apollo.js'));
