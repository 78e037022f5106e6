import { testFrontEnd } from './front-end.js';

await testFrontEnd('graphql-request', () => import('./graphql-request.js'));
