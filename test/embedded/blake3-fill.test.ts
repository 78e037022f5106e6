import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBLAKE3 } from 'hash-wasm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fillBlake3, startBlake3Fill } from '#src/embedded/blake3-fill.js';
import type { Blobs } from '#src/embedded/blobs/blobs.js';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import type { Store } from '#src/embedded/store/store.js';
import { StorageError } from '#src/services/storage-error.js';
import { until } from '../harness/patience.js';
import { createStage } from './blobs/stage.js';
import { addCollection, describeStores, newEntry, newImage } from './store/contract/stores.js';

/** More than one list of content hashes, as the work reads them. */
const COUNT = 120;

describeStores('Filling in the BLAKE3 of stored bytes', (open) => {
  let folder: string;
  let store: Store;
  let blobs: FileBlobs;
  /** By content hash. */
  let expected: Map<string, string>;
  const onError = vi.fn();

  /** Bytes of before: entries without a BLAKE3, an image, and an entry in another bucket with the same bytes as another one. */
  beforeEach(async () => {
    onError.mockReset();
    folder = mkdtempSync(join(tmpdir(), 'lookalike-blake3-'));
    ({ store } = await open());
    blobs = new FileBlobs(join(folder, 'blobs'));
    expected = new Map();
    const stage = await createStage(join(folder, 'incoming'));
    const hasher = await createBLAKE3();
    await addCollection(store, 'c');
    for (let n = 0; n < COUNT; n++) {
      const bytes = Buffer.alloc(n === 5 ? 3_000_000 : n, `bytes ${n}`);
      await using staged = await stage(bytes);
      const { contentHash } = staged;
      const place = await store.blobs.announce(contentHash);
      await blobs.put(place, staged);
      const entry = newEntry(n, { contentHash });
      if (n % 10 === 0)
        await store.images.put({ ...newImage('c', `${n}`, n), contentHash }, false, { place });
      else if (n % 10 === 1) await store.entries.inBucket('b').insert(entry, { place });
      else await store.entries.insert(entry, { place });
      expected.set(contentHash, hasher.init().update(bytes).digest('hex'));
    }
    await store.entries.inBucket('b').insert(newEntry(3, { contentHash: [...expected.keys()][3]! }));
  });

  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  const known = () => store.blobs.findBlake3([...expected.keys()]);
  const fill = (
    options: Partial<Parameters<typeof fillBlake3>[1]> = {},
    open: Blobs['open'] = blobs.open.bind(blobs),
  ) => {
    const opening: Blobs = Object.create(blobs, { open: { value: open } });
    return fillBlake3({ store, blobs: opening, onError }, { unreadable: new Map(), ...options });
  };

  /** Lets a file go, or changes it; gives its content hash. */
  async function spoil(nth: number, how: 'LOST' | 'ALTERED'): Promise<string> {
    const contentHash = [...expected.keys()][nth]!;
    const place = (await store.blobs.findPlace(contentHash))!;
    if (how === 'LOST') await blobs.remove(place);
    else writeFileSync(blobs.path(place), 'altered');
    expected.delete(contentHash);
    return contentHash;
  }

  it('computes that of all, entries and images, whatever their bucket', async () => {
    expect(await known()).toEqual(new Map());
    await fill();
    expect(await known()).toEqual(expected);
    expect(await store.blobs.findByBlake3([...expected.values()])).toEqual(
      new Map([...expected].map(([contentHash, blake3]) => [blake3, contentHash])),
    );
    expect(await store.blobs.listWithoutBlake3('', 10)).toEqual([]);
    expect(onError).not.toHaveBeenCalled();
  });

  it('goes on where it was interrupted, and reads nothing twice', async () => {
    const stopping = new AbortController();
    let filled = 0;
    await fill({ signal: stopping.signal, onFilled: () => ++filled === 50 && stopping.abort() });
    expect((await known()).size).toBe(50);
    const reading = vi.fn(blobs.open.bind(blobs));
    await fill({}, reading);
    expect(reading).toHaveBeenCalledTimes(COUNT - 50);
    expect(await known()).toEqual(expected);
  });

  it('leaves out bytes in the midst of which it was interrupted', async () => {
    const stopping = new AbortController();
    const open: Blobs['open'] = async (place) => {
      const stream = await blobs.open(place);
      stream.once('data', () => stopping.abort());
      return stream;
    };
    const unreadable = new Map<string, number>();
    await fill({ signal: stopping.signal, unreadable }, open);
    expect([(await known()).size, unreadable.size]).toEqual([0, 0]);
  });

  it('passes by bytes that are lost or altered, and does not read them again', async () => {
    const unreadable = new Map<string, number>();
    const spoilt = [await spoil(7, 'LOST'), await spoil(11, 'ALTERED')];
    await fill({ unreadable });
    expect(await known()).toEqual(expected);
    expect(new Set(unreadable.keys())).toEqual(new Set(spoilt));
    const reading = vi.fn(blobs.open.bind(blobs));
    await fill({ unreadable }, reading);
    expect(reading).not.toHaveBeenCalled();
    expect(onError).not.toHaveBeenCalled();
  });

  it('reads them again after an hour, and computes that of those that came back', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const unreadable = new Map<string, number>();
    const all = new Map(expected);
    const lost = await spoil(11, 'LOST');
    const path = blobs.path((await store.blobs.findPlace([...expected.keys()][7]!))!);
    const bytes = readFileSync(path);
    const altered = await spoil(7, 'ALTERED');
    await fill({ unreadable });
    writeFileSync(path, bytes);
    vi.advanceTimersByTime(3_599_999);
    await fill({ unreadable });
    expect([...unreadable]).toEqual([altered, lost].sort().map((hash) => [hash, 0]));
    vi.advanceTimersByTime(1);
    await fill({ unreadable });
    expect([...unreadable]).toEqual([[lost, 3_600_000]]);
    all.delete(lost);
    expect(await store.blobs.findBlake3([...all.keys()])).toEqual(all);
  });

  it('ends where the storage is away, and keeps what it has', async () => {
    let calls = 0;
    const open: Blobs['open'] = async (place) => {
      if (++calls > 30) throw new StorageError('away', { code: 'UNAVAILABLE', retryable: true });
      return blobs.open(place);
    };
    const unreadable = new Map<string, number>();
    await expect(fill({ unreadable }, open)).rejects.toThrow(StorageError);
    expect([(await known()).size, unreadable.size]).toEqual([30, 0]);
  });

  it('does all of it in the background, and tells once of what cannot be read', async () => {
    await spoil(7, 'LOST');
    const onNotice = vi.fn();
    const filling = startBlake3Fill({ store, blobs, onError }, onNotice);
    await until(async () => (await known()).size === expected.size && onNotice.mock.calls.length > 0);
    await filling.stop();
    expect(onNotice.mock.calls).toEqual([[expect.stringContaining('lost or altered: 1.')]]);
    expect(onError).not.toHaveBeenCalled();
  });
});

describeStores('The work on BLAKE3', (open) => {
  it('is stopped at once, also between its rounds', async () => {
    const { store } = await open();
    const parts = { store, blobs: new FileBlobs(tmpdir()), onError: vi.fn() };
    await startBlake3Fill(parts, vi.fn()).stop();
    expect(parts.onError).not.toHaveBeenCalled();
  });
});
