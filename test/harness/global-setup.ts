import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Bundles what is built, as tests start the command: the modules may be newer. */
export default function setup(): void {
  const script = fileURLToPath(new URL('../../scripts/build-server.js', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
