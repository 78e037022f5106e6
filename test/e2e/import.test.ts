import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pictureOf, writeFile, writePictures } from '../fakes/picture-files.js';
import { BIN, runCommand } from '../harness/command.js';
import { seededRandom } from '../harness/seeded-random.js';
import { storedEntries, withoutStoreTimes } from '../harness/stored-entries.js';

const COUNT = Number(process.env.IMPORT_FILES ?? 300);
const KILLS = Number(process.env.IMPORT_KILLS ?? 5);
/** Thousands of files, of which each store has its own, take a while to write and to remove. */
const HOOK_MS = 30_000 + 50 * COUNT;
const SEED = Number(process.env.IMPORT_SEED ?? Date.now() % 1_000_000);

let folder: string;
let sources: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-import-e2e-'));
  sources = join(folder, 'sources');
  writePictures(sources, COUNT);
}, HOOK_MS);
afterAll(() => rmSync(folder, { recursive: true }), HOOK_MS);

const argsOf = (...more: string[]) => ['import', sources, '--url-prefix', 'https://x.example/', ...more];
const envOf = (name: string) => ({ LOOKALIKE_DATA_DIR: join(folder, name) });
const entriesOf = (name: string) => storedEntries({ kind: 'FOLDER', dataDir: join(folder, name) });

function start(name: string, ...more: string[]): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env.PATH, ...envOf(name) };
  return spawn(process.execPath, [BIN, ...argsOf('--json', ...more)], { cwd: folder, env });
}

/** Calls back at each line of the output. */
function onLines(child: ChildProcessWithoutNullStreams, onLine: (line: string) => void): void {
  createInterface({ input: child.stdout }).on('line', onLine);
}

describe('lookalike import', { timeout: 600_000 }, () => {
  it(`ends in the same store after ${KILLS} kills as after one whole run (IMPORT_SEED=${SEED})`, async () => {
    const random = seededRandom(SEED);
    const whole = await runCommand(argsOf(), { cwd: folder, env: envOf('whole') });
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('failed 0.') });
    let stored = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start('killed');
      // Each run first tells of what is there.
      let left = stored + random(Math.ceil((2 * COUNT) / (KILLS + 1)));
      onLines(child, (line) => {
        if (line.includes('"STORED"') || line.includes('"URL_ADDED"')) stored++;
        if (left-- === 0) child.kill('SIGKILL');
      });
      await once(child, 'close');
    }
    const last = await runCommand(argsOf(), { cwd: folder, env: envOf('killed') });
    expect(last).toMatchObject({ code: 0, stdout: expect.stringContaining('failed 0.') });
    expect(withoutStoreTimes(await entriesOf('killed'))).toEqual(withoutStoreTimes(await entriesOf('whole')));
    expect(stored).toBeGreaterThan(0);
    const check = await runCommand(['check'], { cwd: folder, env: envOf('killed') });
    expect(check).toMatchObject({ code: 0, stdout: 'Everything is as it should be.\n' });
  });

  it('sends nothing once all is there', async () => {
    const { stdout } = await runCommand(argsOf(), { cwd: folder, env: envOf('whole') });
    expect(stdout).toBe(`Stored 0, there already ${COUNT}, failed 0.\n`);
  });

  it('goes on with what comes to a folder that it watches, until it is interrupted', async () => {
    const child = start('whole', '--watch');
    const seen: { url: string; outcome: string }[] = [];
    onLines(child, (line) => seen.push(JSON.parse(line)));
    await expect.poll(() => seen.length).toBe(COUNT);
    const late = writeFile(sources, 'late/1.png', pictureOf(1_000_000));
    utimesSync(late, 1_700_000_000, 1_700_000_000);
    await expect.poll(() => seen.length).toBe(COUNT + 1);
    expect(seen[COUNT]).toMatchObject({ url: 'https://x.example/late/1.png', outcome: 'STORED' });
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(seen.at(-1)).toMatchObject({ summary: { THERE: COUNT, STORED: 1, FAILED: 0 } });
  });

  it('finishes what is under way when it is interrupted, and says that it is not all', async () => {
    const child = start('interrupted');
    const seen: { outcome?: string; interrupted?: boolean }[] = [];
    onLines(child, (line) => {
      seen.push(JSON.parse(line));
      if (seen.length === 1) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(seen.at(-1)).toMatchObject({ interrupted: true });
    const stored = seen.filter(({ outcome }) => outcome === 'STORED').length;
    expect(stored).toBeLessThan(COUNT);
    expect(await entriesOf('interrupted')).toHaveLength(stored);
  });
});
