import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ThumbnailCache } from '#src/embedded/thumbnails/thumbnail-cache.js';
import { randomRuns } from '../../harness/repetitions.js';

const BLOCK = 4096;
let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'lookalike-thumbnails-')), 'thumbnails');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const nameOf = (number: number) => `${String(number).padStart(2, '0')}-thumbnail`;
const filesOnDisk = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, bytes: blocksOf(statSync(join(parentPath, name)).size) }));
const blocksOf = (bytes: number) => Math.max(1, Math.ceil(bytes / BLOCK)) * BLOCK;

/** What there should be: the least recently read go when there is no room. */
class Model {
  readonly files = new Map<number, number>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return [...this.files.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  read(key: number): boolean {
    const bytes = this.files.get(key);
    if (bytes === undefined) return false;
    this.files.delete(key);
    this.files.set(key, bytes);
    return true;
  }

  keep(key: number, length: number): void {
    const bytes = blocksOf(length);
    if (bytes > this.#maxBytes || this.files.has(key)) return;
    for (const oldest of [...this.files.keys()]) {
      if (this.bytes + bytes <= this.#maxBytes) break;
      this.files.delete(oldest);
    }
    this.files.set(key, bytes);
  }
}

const step = fc.record({
  does: fc.constantFrom('READ', 'KEEP'),
  key: fc.integer({ min: 0, max: 12 }),
  length: fc.oneof(fc.integer({ min: 0, max: 3 * BLOCK }), fc.constantFrom(BLOCK, BLOCK + 1, 100 * BLOCK)),
});

describe('Kept thumbnails', () => {
  it('are those that were read last, up to the bound', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 12 * BLOCK }),
        async (steps, maxBytes) => {
          rmSync(folder, { recursive: true, force: true });
          const cache = new ThumbnailCache({ folder, maxBytes });
          const model = new Model(maxBytes);
          for (const { does, key, length } of steps) {
            if (does === 'KEEP') {
              await cache.keep(nameOf(key), Buffer.alloc(length, key));
              model.keep(key, length);
            } else {
              const found = await cache.read(nameOf(key));
              expect(found !== null).toBe(model.read(key));
              expect(found?.every((byte) => byte === key) ?? true).toBe(true);
            }
            expect(cache.bytes).toBe(model.bytes);
          }
          mkdirSync(folder, { recursive: true });
          expect(
            filesOnDisk()
              .map(({ name }) => name)
              .sort(),
          ).toEqual([...model.files.keys()].map(nameOf).sort());
        },
      ),
      { numRuns: randomRuns(40) },
    );
  });

  it('never take more of the disk than they may, however many are kept at once', async () => {
    const maxBytes = 10 * BLOCK;
    const cache = new ThumbnailCache({ folder, maxBytes });
    let done = false;
    let most = 0;
    const watching = (async () => {
      while (!done) {
        mkdirSync(folder, { recursive: true });
        const found = filesOnDiskNow();
        most = Math.max(most, found);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const keeping = Array.from({ length: 99 }, (_, i) =>
      cache.keep(nameOf(i), Buffer.alloc(1 + ((i * 2711) % (3 * BLOCK)))),
    );
    const reading = Array.from({ length: 300 }, (_, i) => cache.read(nameOf((i * 7) % 99)));
    await Promise.all([...keeping, ...reading]);
    done = true;
    await watching;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(maxBytes);
    expect(filesOnDisk().reduce((sum, { bytes }) => sum + bytes, 0)).toBe(cache.bytes);
  });

  /** What is there at this moment; files come and go meanwhile. */
  function filesOnDiskNow(): number {
    try {
      return filesOnDisk().reduce((sum, { bytes }) => sum + bytes, 0);
    } catch {
      return 0;
    }
  }

  it('are there after a restart, in the order of their reads, without what was not finished', async () => {
    const first = new ThumbnailCache({ folder, maxBytes: 100 * BLOCK });
    for (const key of [1, 2, 3]) await first.keep(nameOf(key), Buffer.alloc(BLOCK, key));
    for (const [key, seconds] of [
      [1, 3000],
      [2, 1000],
      [3, 2000],
    ] as const)
      utimesSync(join(folder, nameOf(key).slice(0, 2), nameOf(key)), seconds, seconds);
    writeFileSync(join(folder, nameOf(1).slice(0, 2), 'half.tmp'), 'half');
    const second = new ThumbnailCache({ folder, maxBytes: 3 * BLOCK });
    expect(await second.read(nameOf(4))).toBeNull();
    expect(filesOnDisk().map(({ name }) => name)).not.toContain('half.tmp');
    await second.keep(nameOf(4), Buffer.alloc(BLOCK, 4));
    expect(await second.read(nameOf(2))).toBeNull();
    expect((await second.read(nameOf(1)))?.[0]).toBe(1);
    await second.keep(nameOf(5), Buffer.alloc(BLOCK, 5));
    expect([await second.read(nameOf(3)), (await second.read(nameOf(1)))?.[0]]).toEqual([null, 1]);
  });

  it('are whole whenever the process is killed', async () => {
    const url = new URL('../../../dist/embedded/thumbnails/thumbnail-cache.js', import.meta.url).href;
    const script = `
      const { ThumbnailCache } = await import(${JSON.stringify(url)});
      const cache = new ThumbnailCache({ folder: ${JSON.stringify(folder)}, maxBytes: 40 * ${BLOCK} });
      for (let i = 0; ; i++) {
        const key = i % 90;
        await cache.keep(String(key).padStart(2, '0') + '-thumbnail', Buffer.alloc(9000 + key, key));
        console.log(i);
      }`;
    for (let kill = 0; kill < 5; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // In the midst of the next ones, after another number of them each time.
      for (let kept = 0; kept <= 3 * kill; kept++) await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const cache = new ThumbnailCache({ folder, maxBytes: 40 * BLOCK });
      let found = 0;
      for (let key = 0; key < 90; key++) {
        const bytes = await cache.read(nameOf(key));
        if (!bytes) continue;
        found++;
        expect([key, bytes.length, bytes.every((byte) => byte === key)]).toEqual([key, 9000 + key, true]);
      }
      expect(found).toBeGreaterThan(0);
      expect(filesOnDisk()).toHaveLength(found);
    }
  });

  it('are none with a bound of 0, and what was kept before goes', async () => {
    const before = new ThumbnailCache({ folder, maxBytes: 10 * BLOCK });
    await before.keep(nameOf(1), Buffer.alloc(10));
    const none = new ThumbnailCache({ folder, maxBytes: 0 });
    expect(await none.read(nameOf(1))).toBeNull();
    await none.keep(nameOf(2), Buffer.alloc(0));
    expect(filesOnDisk()).toEqual([]);
  });

  it('may be removed by somebody else', async () => {
    const cache = new ThumbnailCache({ folder, maxBytes: 10 * BLOCK });
    await cache.keep(nameOf(1), Buffer.alloc(10));
    rmSync(folder, { recursive: true });
    expect([await cache.read(nameOf(1)), cache.bytes]).toEqual([null, 0]);
    await cache.keep(nameOf(1), Buffer.alloc(10, 7));
    expect((await cache.read(nameOf(1)))?.[0]).toBe(7);
  });

  it('are forgotten by their name', async () => {
    const cache = new ThumbnailCache({ folder, maxBytes: 10 * BLOCK });
    await cache.keep(nameOf(1), Buffer.alloc(10));
    await cache.forget([nameOf(1), nameOf(2)]);
    expect([await cache.read(nameOf(1)), cache.bytes, filesOnDisk()]).toEqual([null, 0, []]);
  });
});
