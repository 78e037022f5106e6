import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = new URL('../../scripts/check-layers.js', import.meta.url).pathname;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-layers-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function check(files: Record<string, string>): { status: number | null; stderr: string } {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return spawnSync(process.execPath, [SCRIPT, root], { cwd: root, encoding: 'utf8' });
}

describe('the check of the layers', () => {
  it('lets a folder import itself, the layers below it, and packages', () => {
    const { status, stderr } = check({
      'main.ts': `import './commands/serve.js'; import { loadConfig } from './config.js';`,
      'commands/import.ts': `import { createClient } from '../client/index.js';`,
      'graphql/schema/entry.ts': `import { a } from '../loaders/a.js'; export * from '../../services/imgcache.js';`,
      'remote/http/client.ts': `import { request } from 'undici'; import '../../request/call.js';`,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  const wrong: [what: string, file: string, code: string][] = [
    ['an import upwards', 'services/a.ts', `import { b } from '../request/b.js';`],
    ['an import of types', 'request/a.ts', `import type { B } from '../remote/http/b.js';`],
    ['an import from a deep folder', 'remote/http/deep/a.ts', `import { b } from '../../../http/b.js';`],
    ['an import by the name of the package', 'access/a.ts', `import { b } from '#src/graphql/b.js';`],
    ['an import in the text of a type', 'http/a.ts', `type B = import('../graphql/b.js').B;`],
    ['an import at run time', 'log/a.ts', `const { b } = await import("../gateway.js");`],
    ['an export', 'embedded/a.ts', `export { b } from '../access/b.js';`],
    ['a worker', 'embedded/a.ts', `new Worker(new URL('../remote/b.js', import.meta.url));`],
    ['a neighbour', 'protocols/a.ts', `import { b } from '../graphql/b.js';`],
    ['an implementation in the graph', 'graphql/a.ts', `import { b } from '../embedded/b.js';`],
    ['an implementation in a protocol', 'protocols/imgcache/a.ts', `import { b } from '../../remote/b.js';`],
    ['the gateway in the client', 'client/a.ts', `import { b } from '../services/b.js';`],
    ['the client in the gateway', 'graphql/a.ts', `import { b } from '../client/b.js';`],
  ];
  it.each(wrong)('fails at %s', (_, file, code) => {
    const { status, stderr } = check({ [file]: code });
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}: ${file.split('/')[0]} must not import `);
  });

  it('fails at a folder that has no layer', () => {
    expect(check({ 'utils/a.ts': `import { b } from '../services/b.js';` })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('utils has no layer'),
    });
  });
});
