import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScratch } from '#src/embedded/scratch.js';

const MODULE = new URL('../../dist/embedded/scratch.js', import.meta.url);

describe('a scratch folder', () => {
  let parent: string;
  let children: ChildProcess[];
  beforeEach(() => {
    parent = join(mkdtempSync(join(tmpdir(), 'lookalike-scratch-')), 'incoming');
    children = [];
  });
  afterEach(async () => {
    for (const child of children) await kill(child);
    rmSync(join(parent, '..'), { recursive: true });
  });

  /** Another process with a file in its scratch folder. */
  async function startProcess(): Promise<{ child: ChildProcess; file: string }> {
    const script = `
      import { writeFileSync } from 'node:fs';
      import { openScratch } from ${JSON.stringify(MODULE.href)};
      const { folder } = await openScratch(${JSON.stringify(parent)});
      writeFileSync(folder + '/upload.tmp', 'on its way');
      process.stdout.write(folder + '/upload.tmp');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [file] = await once(child.stdout!, 'data');
    return { child, file: String(file) };
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  it('is left alone by others while its process lives, and removed once that was killed', async () => {
    const first = await startProcess();
    const second = await startProcess();
    const third = await openScratch(parent);
    expect([first, second].map(({ file }) => existsSync(file))).toEqual([true, true]);
    await kill(first.child);
    const fourth = await openScratch(parent);
    expect([first, second].map(({ file }) => existsSync(file))).toEqual([false, true]);
    await Promise.all([third.close(), fourth.close()]);
    await kill(second.child);
    await (await openScratch(parent)).close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is one of many when they are made at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => openScratch(parent)));
    for (const { folder } of all) expect(existsSync(folder)).toBe(true);
    expect(new Set(all.map(({ folder }) => folder)).size).toBe(5);
    for (const scratch of all) await scratch.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is for this user alone', async () => {
    const { folder, close } = await openScratch(parent);
    for (const path of [parent, folder]) expect(statSync(path).mode & 0o777).toBe(0o700);
    await close();
  });

  it('takes the place of the files of older versions', async () => {
    mkdirSync(parent);
    writeFileSync(join(parent, 'c0ffee.tmp'), 'cut off');
    const { close } = await openScratch(parent);
    expect(existsSync(join(parent, 'c0ffee.tmp'))).toBe(false);
    await close();
  });
});
