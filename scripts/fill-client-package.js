// Puts what is generated and built into packages/client, before that is packed.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const client = new URL('packages/client/', root);

/** What is copied, by its place in the package. The settings' schema is the gateway's alone. */
const CONTENT = { dist: 'dist/client', schema: 'schema', LICENSE: 'LICENSE' };
const LEFT_OUT = /\.tsbuildinfo$|config\.schema\.json$/;

for (const [place, source] of Object.entries(CONTENT)) {
  const target = fileURLToPath(new URL(place, client));
  rmSync(target, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL(source, root)), target, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(path),
  });
}
