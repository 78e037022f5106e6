import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createPicturePool,
  type PicturePool,
  type PicturePoolOptions,
} from '#src/embedded/picture/picture-pool.js';
import { PATIENCE_MS } from '../../harness/patience.js';
import { MAX_PIXELS } from './facts-of.js';

const corpus = fileURLToPath(new URL('../../fixtures/corpus/', import.meta.url));
const small = `${corpus}odd/gray.jpg`;
/** What the large picture needs, and nothing beside it. */
const ONE_LARGE_BYTES = 96_000_000;
let folder: string;
/** 30 megapixels, which take a good part of a second. */
let large: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookalike-pool-'));
  large = join(folder, 'large.jpg');
  const create = { width: 6000, height: 5000, channels: 3, background: '#246' } as const;
  await sharp({ create }).jpeg().toFile(large);
});

afterAll(() => rm(folder, { recursive: true }));

const smallFacts = {
  contentType: 'image/jpeg',
  width: 200,
  height: 200,
  perceptualHash: '509a3c7fbc756cec',
  problem: null,
};

const pools: PicturePool[] = [];

function pool(options: Partial<PicturePoolOptions> = {}): PicturePool {
  const made = createPicturePool({ maxPixels: MAX_PIXELS, ...options });
  pools.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((made) => made.close()));
});

/** The threads that start while `use` runs. */
async function threadsOf(use: () => Promise<unknown>): Promise<Worker[]> {
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  await use();
  // The event comes a tick after the thread.
  await setImmediate();
  process.off('worker', note);
  return threads;
}

/** Resolves with the names of the promises in the order in which they settle. */
async function orderOf(promises: Record<string, Promise<unknown>>): Promise<string[]> {
  const order: string[] = [];
  await Promise.all(
    Object.entries(promises).map(([name, promise]) =>
      promise.finally(() => order.push(name)).catch(() => {}),
    ),
  );
  return order;
}

describe('the picture pool', () => {
  it('reads pictures of all kinds at the same time', async () => {
    const { read } = pool({ threads: 2 });
    const files = ['odd/gray.jpg', 'odd/rgb.bmp', 'odd/zero.bin', 'odd/text.txt', 'odd/static.gif'];
    const facts = await Promise.all(files.map((file) => read(corpus + file)));
    expect(facts[0]).toEqual(smallFacts);
    expect(facts.map(({ contentType, problem }) => problem ?? contentType)).toEqual([
      'image/jpeg',
      'image/bmp',
      'EMPTY',
      'NOT_AN_IMAGE',
      'image/gif',
    ]);
  });

  it('reads in the order of the calls where it has one thread', async () => {
    const { read } = pool({ threads: 1 });
    const order = await orderOf({ first: read(large), second: read(small), third: read(small) });
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('reads headers before all others, and makes thumbnails when nothing else waits', async () => {
    const { read, describe, shape, thumbnail } = pool({ threads: 1 });
    const kind = { width: 160, format: 'webp' } as const;
    const order = await orderOf({
      first: read(large),
      thumbnail: thumbnail(small, kind),
      facts: read(small),
      descriptor: describe(small),
      header: shape(small, true),
    });
    expect(order).toEqual(['first', 'header', 'facts', 'descriptor', 'thumbnail']);
  });

  it('starts no more threads than it needs, and none before', async () => {
    const { read } = pool({ threads: 2 });
    expect(await threadsOf(async () => read(small))).toHaveLength(1);
    expect(await threadsOf(async () => read(small))).toHaveLength(0);
    expect(await threadsOf(() => Promise.all([1, 2, 3, 4].map(() => read(small))))).toHaveLength(1);
  });

  it('refuses pictures of too many pixels', async () => {
    expect(await pool({ maxPixels: 100 }).read(small)).toMatchObject({ problem: 'TOO_MANY_PIXELS' });
  });

  it('refuses a picture that needs more memory than there is for all', async () => {
    const { read, describe } = pool({ maxDecodeBytes: 95_000_000 });
    expect(await read(large)).toMatchObject({ problem: 'TOO_COSTLY', width: null });
    expect(await describe(large)).not.toBeNull(); // Squeezed while it is decoded, it needs little.
    expect(await read(small)).toEqual(smallFacts);
  });

  it('fails for a file that cannot be read, and goes on', async () => {
    const { read } = pool({ threads: 1 });
    await expect(read(`${corpus}missing`)).rejects.toThrow('ENOENT');
    expect(await read(small)).toEqual(smallFacts);
  });
});

describe('when a thread dies', () => {
  it('only what it was reading fails, and another takes its place', async () => {
    const { read } = pool({ threads: 1 });
    let dying: Promise<unknown> = Promise.resolve();
    const [thread] = await threadsOf(async () => {
      dying = read(large);
    });
    const waiting = read(small);
    await Promise.all([expect(dying).rejects.toThrow('The picture thread ended.'), thread!.terminate()]);
    expect(await waiting).toEqual(smallFacts);
  });

  it('while it is idle, nothing fails', async () => {
    const { read } = pool({ threads: 1 });
    const [thread] = await threadsOf(() => read(small));
    await thread!.terminate();
    expect(await read(small)).toEqual(smallFacts);
  });

  it('the memory it had reserved is free again', async () => {
    const { read } = pool({ threads: 2, maxDecodeBytes: ONE_LARGE_BYTES });
    let dying: Promise<unknown> = Promise.resolve();
    const [thread] = await threadsOf(async () => {
      dying = read(large);
    });
    // The second picture waits for the memory of the first.
    const waiting = read(small);
    await setTimeout(100);
    await Promise.all([expect(dying).rejects.toThrow('The picture thread ended.'), thread!.terminate()]);
    expect(await waiting).toEqual(smallFacts);
  });
});

describe('the memory for decoding', () => {
  it('is given to one picture after the other when there is not enough for two', async () => {
    const { read } = pool({ threads: 2, maxDecodeBytes: ONE_LARGE_BYTES });
    await Promise.all([read(small), read(small)]);
    const largeIsRead = read(large);
    await setTimeout(100);
    expect(await orderOf({ large: largeIsRead, small: read(small) })).toEqual(['large', 'small']);
  });

  it('is given to small pictures while a large one is decoded, when there is enough', async () => {
    const { read } = pool({ threads: 2 });
    await Promise.all([read(small), read(small)]);
    const largeIsRead = read(large);
    await setTimeout(100);
    expect(await orderOf({ large: largeIsRead, small: read(small) })).toEqual(['small', 'large']);
  });
});

describe('a closed pool', () => {
  it('rejects what is read, what waits and what comes later', async () => {
    const { read, close } = pool({ threads: 1 });
    const reading = expect(read(large)).rejects.toThrow('closed');
    const waiting = expect(read(small)).rejects.toThrow('closed');
    await close();
    await Promise.all([reading, waiting, expect(read(small)).rejects.toThrow('closed')]);
  });

  it('has no threads, also when it never had any', async () => {
    await pool().close();
    const { read, close } = pool({ threads: 1 });
    const [thread] = await threadsOf(() => read(small));
    await close();
    expect(thread!.threadId).toBe(-1);
  });
});

describe('the process', () => {
  it('ends while idle threads wait', async () => {
    const url = new URL('../../../dist/embedded/picture/picture-pool.js', import.meta.url).href;
    const script = `
      import(${JSON.stringify(url)})
        .then(({ createPicturePool }) => createPicturePool({ maxPixels: 1e6 }).read(${JSON.stringify(small)}))
        .then((facts) => console.log(facts.perceptualHash));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { timeout: PATIENCE_MS });
    expect(stdout.trim()).toBe(smallFacts.perceptualHash);
  });
});
