import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      return readFileSync(path);
    },
  };

  const stage = async () => {
    const staging = await createFileStaging(join(folder, 'incoming'), slowReader);
    return staging.stage([bytes]);
  };

  it('can be decoded while it is moved, and afterwards', async () => {
    await using image = await stage();
    const before = image.facts();
    const moved = image.moveTo(join(folder, 'stored'));
    expect(await image.descriptor()).toEqual(bytes);
    expect(await before).toEqual(FACTS);
    await moved;
    expect(readFileSync(join(folder, 'stored'))).toEqual(bytes);
  });

  it('is described while it is moved', async () => {
    await using image = await stage();
    const described = image.descriptor();
    await image.moveTo(join(folder, 'stored'));
    expect(await described).toEqual(bytes);
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
    const staging = await createFileStaging(join(folder, 'incoming'), reader);
    await using image = await staging.stage([bytes]);
    expect(await image.descriptor()).toBeNull();
  });

  it('is decoded once for the facts and once for the descriptor', async () => {
    await using image = await stage();
    expect(image.facts()).toBe(image.facts());
    expect(image.descriptor()).toBe(image.descriptor());
    await image.facts();
    await image.descriptor();
  });
});
