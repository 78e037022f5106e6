import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { blake2b, blake3 } from 'hash-wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStaging, type PictureReader } from '#src/embedded/staging.js';

const FACTS = {
  contentType: 'image/png',
  width: 1,
  height: 1,
  perceptualHash: '0'.repeat(16),
  problem: null,
};

describe('a staged image', () => {
  const bytes = Buffer.from('the bytes');
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-staging-'));
    mkdirSync(join(folder, 'incoming'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Reads the file only after a while, as one whose threads are busy. */
  const slowReader: PictureReader = {
    async read(path) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      readFileSync(path);
      return FACTS;
    },
    async describe(path) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { descriptor: readFileSync(path), keypoints: Buffer.from([1]) };
    },
  };

  const stage = async () => {
    const staging = createFileStaging(join(folder, 'incoming'), slowReader);
    return staging.stage([bytes]);
  };

  it('can be decoded while it is moved, and afterwards', async () => {
    await using image = await stage();
    const before = image.facts();
    const moved = image.moveTo(join(folder, 'stored'));
    expect((await image.description('KEPT'))?.descriptor).toEqual(bytes);
    expect(await before).toEqual(FACTS);
    await moved;
    expect(readFileSync(join(folder, 'stored'))).toEqual(bytes);
  });

  it('is described while it is moved', async () => {
    await using image = await stage();
    const described = image.description('ASKED');
    await image.moveTo(join(folder, 'stored'));
    expect((await described)?.descriptor).toEqual(bytes);
  });

  it('is not described when its facts say that it cannot be decoded', async () => {
    const facts = {
      ...FACTS,
      width: null,
      height: null,
      perceptualHash: null,
      problem: 'TOO_COSTLY',
    } as const;
    const reader = { ...slowReader, read: async () => facts };
    const staging = createFileStaging(join(folder, 'incoming'), reader);
    await using image = await staging.stage([bytes]);
    expect(await image.description('KEPT')).toBeNull();
  });

  it('tells its BLAKE3 beside its content hash, expected or not, and of a share', async () => {
    const incoming = join(folder, 'incoming');
    for (const isExpected of [true, false]) {
      const staging = createFileStaging(incoming, slowReader, () => isExpected);
      const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(10_000, index));
      await using image = await staging.stage(chunks);
      await using share = await image.share();
      const expected = await blake3(Buffer.concat(chunks));
      expect([await image.blake3(), await image.blake3(), await share.blake3()]).toEqual(
        Array(3).fill(expected),
      );
      expect(image.contentHash).toBe(await blake2b(Buffer.concat(chunks), 256));
    }
  });

  it('reads its bytes once more only for a BLAKE3 that was not expected', async () => {
    for (const isExpected of [true, false]) {
      const staging = createFileStaging(join(folder, 'incoming'), slowReader, () => isExpected);
      await using image = await staging.stage([bytes]);
      let reads = 0;
      const { stream } = image;
      image.stream = () => {
        reads++;
        return stream.call(image);
      };
      await image.blake3();
      expect(reads).toBe(isExpected ? 0 : 1);
    }
  });

  it('tells its BLAKE3 after it was moved', async () => {
    await using image = await stage();
    const moved = image.moveTo(join(folder, 'stored'));
    expect(await image.blake3()).toBe(await blake3(bytes));
    await moved;
  });

  describe('and a share of it', () => {
    const stored = () => readFileSync(join(folder, 'stored'));
    const left = () => readdirSync(join(folder, 'incoming'));

    it('outlives it, with its hash and its facts', async () => {
      const image = await stage();
      await using share = await image.share();
      await image[Symbol.asyncDispose]();
      expect([share.contentHash, share.size]).toEqual([image.contentHash, image.size]);
      expect(await share.facts()).toEqual(FACTS);
      expect(await buffer(share.stream())).toEqual(bytes);
    });

    it('can be stored, and again when that is deleted', async () => {
      const image = await stage();
      for (let n = 0; n < 2; n++) {
        await using share = await image.share();
        await share.moveTo(join(folder, 'stored'));
        expect(stored()).toEqual(bytes);
        rmSync(join(folder, 'stored'));
      }
      await image[Symbol.asyncDispose]();
      expect(left()).toEqual([]);
    });

    it('can be stored in the same place, and leave nothing else', async () => {
      const image = await stage();
      for (let n = 0; n < 2; n++) {
        await using share = await image.share();
        await share.moveTo(join(folder, 'stored'));
        expect(await buffer(share.stream())).toEqual(bytes);
      }
      await image[Symbol.asyncDispose]();
      expect([stored(), left()]).toEqual([bytes, []]);
    });

    it('can be made of one that is stored', async () => {
      await using image = await stage();
      await image.moveTo(join(folder, 'stored'));
      await using share = await image.share();
      rmSync(join(folder, 'stored'));
      expect((await share.description('KEPT'))?.descriptor).toEqual(bytes);
    });
  });

  it('is decoded once for the facts and once for each use', async () => {
    await using image = await stage();
    expect(image.facts()).toBe(image.facts());
    expect(image.description('KEPT')).toBe(image.description('KEPT'));
    await image.facts();
    await image.description('KEPT');
  });
});
