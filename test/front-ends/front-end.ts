import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';

const isInstalled = existsSync(new URL('node_modules/.package-lock.json', import.meta.url));

/**
 * Declares the tests of a front end, whose packages are those of this folder; without them one line says so.
 * @param load imports the module that declares them
 */
export async function testFrontEnd(name: string, load: () => Promise<unknown>): Promise<void> {
  if (isInstalled) {
    await load();
    return;
  }
  const title = `${name} (skipped: its packages are missing; npm ci --prefix test/front-ends)`;
  process.stderr.write(`${title}\n`);
  describe.skip(title, () => it('does everyday tasks', () => {}));
}
