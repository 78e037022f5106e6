import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { EntryWriter } from '#src/embedded/entry-writer.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import type { Store } from '#src/embedded/store/store.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { createStage } from './blobs/stage.js';
import { describeStores, newEntry } from './store/contract/stores.js';

const ORIGIN = {
  url: 'https://x.example/1',
  originalFilename: null,
  clientName: 'test',
  retrievedAt: 'NOW' as const,
};
const FACTS = { contentType: 'image/png', width: 3, height: 2, perceptualHash: '0123456789abcdef' };

describeStores('A store of bytes', (open) => {
  let folder: string;
  let store: Store;
  let writer: EntryWriter;
  let decoded: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-writer-'));
    ({ store } = await open());
    const blobs = new FileBlobs(join(folder, 'blobs'));
    writer = new EntryWriter({ store, blobs, locks: new KeyedLock() });
    decoded = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function withStaged<T>(use: (image: StagedImage) => Promise<T>): Promise<T> {
    const stage = await createStage(join(folder, 'incoming'));
    await using staged = await stage(Buffer.from('some bytes'));
    const facts = async () => {
      decoded++;
      return FACTS;
    };
    return await use(Object.defineProperty(staged, 'facts', { value: facts }));
  }

  const write = (bucket: string) =>
    withStaged(async (image) => ({
      blake3: await image.blake3(),
      ...(await writer.write(bucket, image, ORIGIN)),
    }));
  const noted = async (contentHash: string) => (await store.blobs.findBlake3([contentHash])).get(contentHash);

  it('that another bucket has decodes nothing once more', async () => {
    expect(await write('')).toMatchObject({ status: 'CREATED', entry: FACTS });
    expect(await write('b')).toMatchObject({ status: 'CREATED', entry: { ...FACTS, bucket: 'b' } });
    expect(await write('b')).toMatchObject({ status: 'UNCHANGED', entry: FACTS });
    expect(decoded).toBe(1);
  });

  it('notes their BLAKE3, also of bytes of before that have none, for a client that has its retrieval noted', async () => {
    const { blake3, entry } = await write('');
    expect(await noted(entry.contentHash)).toBe(blake3);

    await store.entries.delete(entry.contentHash);
    const place = (await store.blobs.findPlace(entry.contentHash))!;
    await store.blobs.claim(entry.contentHash, place);
    await store.blobs.forget(entry.contentHash, place);
    const again = await store.blobs.announce(entry.contentHash);
    await store.entries.insert(newEntry(1, { contentHash: entry.contentHash }), { place: again });
    expect(await noted(entry.contentHash)).toBeUndefined();
    expect((await write('')).status).toBe('UNCHANGED');
    expect(await noted(entry.contentHash)).toBe(blake3);
  });
});
