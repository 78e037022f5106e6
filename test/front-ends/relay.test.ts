import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testFrontEnd } from './front-end.js';

await testFrontEnd('Relay', async () => {
  // Relay runs what its compiler makes of the documents and the schema.
  execFileSync('npm', ['run', '-s', 'relay'], { cwd: fileURLToPath(new URL('.', import.meta.url)) });
  await import('./relay.js');
});
