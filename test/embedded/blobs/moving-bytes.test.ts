import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MissingBlobError } from '#src/embedded/blobs/blobs.js';
import { openBytes, readLocalFile } from '#src/embedded/blobs/read-bytes.js';
import { sweepReleasedBytes } from '#src/embedded/blobs/sweeper.js';
import { writeWithBytes } from '#src/embedded/blobs/write-with-bytes.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { BytesGoneError, type NewBytes } from '#src/embedded/store/blob-store.js';
import { imageOf, MovingBytes } from '../../fakes/moving-bytes.js';

const HASH = 'a'.repeat(64);
const CONTENT = Buffer.from('the bytes');
const image = imageOf(HASH, CONTENT);

let world: MovingBytes;
let bytes: Parameters<typeof openBytes>[0];
beforeEach(() => {
  world = new MovingBytes();
  bytes = { store: { blobs: world.blobStore }, blobs: world.blobs };
});

const sweep = () => sweepReleasedBytes({ ...bytes, locks: new KeyedLock() }, 0);
const store = (before: (attempt: number) => Promise<unknown> = async () => {}) => {
  const given: (NewBytes | undefined)[] = [];
  const stored = writeWithBytes(bytes, image, async (written) => {
    given.push(written);
    await before(given.length);
    world.writeRow(HASH, written);
  });
  return stored.then(() => given);
};
const read = async () => buffer(await openBytes(bytes, HASH));

describe('a row with bytes', () => {
  it('is written after them, and takes those that are there', async () => {
    expect(await store()).toEqual([{ place: `${HASH}-1` }]);
    expect(await read()).toEqual(CONTENT);
    expect(await store()).toEqual([undefined]);
    expect([...world.objects.keys()]).toEqual([`${HASH}-1`]);
  });

  it('has them written again, elsewhere, when another process swept them meanwhile', async () => {
    expect(await store(async (attempt) => attempt === 1 && sweep())).toEqual([
      { place: `${HASH}-1` },
      { place: `${HASH}-2` },
    ]);
    expect(await read()).toEqual(CONTENT);
    expect([...world.objects.keys()]).toEqual([`${HASH}-2`]);
  });

  it('has them written again when those that were there are swept before it takes them', async () => {
    await store();
    const given = await store(async (attempt) => {
      if (attempt > 1) return;
      world.release(HASH);
      await sweep();
    });
    expect(given).toEqual([undefined, { place: `${HASH}-2` }]);
    expect(await read()).toEqual(CONTENT);
  });

  it('says which place they are lost from', async () => {
    await store();
    world.objects.clear();
    expect(await store()).toEqual([{ place: `${HASH}-2`, replaces: `${HASH}-1` }]);
    expect(await read()).toEqual(CONTENT);
  });

  it('fails when they are swept time after time, and leaves none behind', async () => {
    await expect(store(sweep)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      cause: expect.any(BytesGoneError),
    });
    expect([world.objects.size, world.garbage.size, world.needed.size]).toEqual([0, 0, 0]);
  });

  it('takes them back when it cannot be written', async () => {
    const failing = store(async () => {
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect([world.objects.size, world.garbage.size]).toEqual([0, 0]);
  });

  it('keeps them when it was written although that seemed to fail', async () => {
    const failing = writeWithBytes(bytes, image, async (written) => {
      world.writeRow(HASH, written);
      throw new Error('the connection is lost');
    });
    await expect(failing).rejects.toThrow('the connection is lost');
    expect(await read()).toEqual(CONTENT);
  });
});

describe('reading bytes', () => {
  /** Moves them once the place was looked up. */
  const moveAfterLookUp = (to: string) => {
    vi.spyOn(world.blobStore, 'findPlace').mockImplementationOnce(async () => {
      const place = world.needed.get(HASH)!;
      world.objects.set(to, world.objects.get(place)!);
      world.objects.delete(place);
      world.needed.set(HASH, to);
      return place;
    });
  };

  it('goes where they have moved', async () => {
    await store();
    moveAfterLookUp('elsewhere');
    expect(await read()).toEqual(CONTENT);
    moveAfterLookUp('farther');
    expect(await readLocalFile(bytes, HASH, async (path) => path)).toBe('/of/farther');
  });

  it('looks no further when they are lost', async () => {
    await store();
    world.objects.clear();
    const findPlace = vi.spyOn(world.blobStore, 'findPlace');
    await expect(read()).rejects.toThrow(MissingBlobError);
    expect(findPlace).toHaveBeenCalledTimes(2);
    world.needed.clear();
    await expect(read()).rejects.toThrow(HASH);
  });
});

describe('sweeping', () => {
  it('leaves what a row needs, and ends when others are at everything that is left', async () => {
    await store();
    for (let nth = 0; nth < 150; nth++) await world.blobStore.announce(`${nth}`.padStart(64, '0'));
    vi.spyOn(world.blobStore, 'claim').mockResolvedValue(false);
    expect(await sweep()).toBe(0);
    vi.mocked(world.blobStore.claim).mockRestore();
    expect(await sweep()).toBe(150);
    expect([...world.objects.keys()]).toEqual([`${HASH}-1`]);
  });
});
