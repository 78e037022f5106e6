import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runHere } from '../harness/run-here.js';
import { describeExport } from './export-round-trip.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-export-data-'));
  folders.push(folder);
  return folder;
}

describeExport(async () => {
  const dataDir = makeFolder();
  return { storage: { kind: 'FOLDER', dataDir }, env: { LOOKALIKE_DATA_DIR: dataDir } };
});

describe('lookalike export', () => {
  it.each([
    [[], {}, 2, 'FOLDER'],
    [['x'], { LOOKALIKE_DATA_DIR: '/nowhere' }, 1, '/nowhere'],
    [['x'], { IMGCACHE_URL: 'http://x.example' }, 1, 'IMGCACHE_URL'],
  ])('%j with %j is refused', async (args, env, code, named) => {
    const result = await runHere(['export', ...args], { LOOKALIKE_DATA_DIR: makeFolder(), ...env });
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(named) });
  });
});
