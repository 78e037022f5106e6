import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { EmbeddedImgCache } from '#src/embedded/imgcache.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { ReaderThread } from '#src/embedded/search/reader-thread.js';
import { SimilarHashes } from '#src/embedded/search/similar-hashes.js';
import { SqliteHashIndex } from '#src/embedded/store/sqlite/hash-index.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import type { EntryMatch } from '#src/services/entry.js';
import { hashHex } from '#src/services/hamming-distance.js';
import { near, photographHash, random } from './hashes.js';

describe('Similar entries of several', () => {
  const next = random(9);
  let folder: string;
  let sqlite: OpenSqlite;
  let reader: ReaderThread;
  let imgcache: EmbeddedImgCache;
  let hashes: string[];
  /** What happens between the search of the hashes and the reading of the rows. */
  let inBetween: () => Promise<unknown>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-similar-'));
    const path = join(folder, 'lookalike.db');
    sqlite = await openSqliteStore(path);
    reader = new ReaderThread({ kind: 'SQLITE', path });
    inBetween = async () => {};
    const scan = {
      async scanHashes(...call: Parameters<ReaderThread['scanHashes']>) {
        const found = await reader.scanHashes(...call);
        await inBetween();
        return found;
      },
    };
    imgcache = new EmbeddedImgCache({
      store: sqlite.store,
      blobs: new FileBlobs(folder),
      locks: new KeyedLock(),
      urlSearch: reader,
      counts: reader,
      hashes: new SimilarHashes(new SqliteHashIndex(sqlite.connection), scan),
    });
    const centre = photographHash(next);
    hashes = Array.from({ length: 40 }, (_, i) => hashHex(near(centre, i % 14, next)));
    for (const [i, hash] of hashes.entries()) await insert(i, hash);
  });
  afterEach(async () => {
    await reader.close();
    await sqlite.close();
    rmSync(folder, { recursive: true });
  });

  const contentHashOf = (number: number) => String(number).padStart(64, '0');

  async function insert(number: number, perceptualHash: string): Promise<void> {
    await sqlite.store.entries.insert({
      contentHash: contentHashOf(number),
      url: `https://x.example/${number}`,
      contentType: 'image/png',
      fileSizeBytes: 1,
      originalFilename: null,
      width: 1,
      height: 1,
      perceptualHash,
      clientName: 'test',
    });
  }

  async function alone(query: (typeof queries)[number] & { perceptualHash: string }): Promise<EntryMatch[]> {
    const batches: EntryMatch[] = [];
    for await (const batch of imgcache.similar(query)) batches.push(...batch);
    return batches;
  }

  const queries = [2, 4, 5, 10, 64].flatMap((maxHammingDistance) =>
    [1, 3, 21, 100].map((limit) => ({ maxHammingDistance, limit })),
  );

  it('are what each search alone finds', async () => {
    for (const query of queries) {
      const asked = hashes.map((perceptualHash) => ({ perceptualHash, ...query }));
      expect(await imgcache.similarToEach(asked)).toEqual(await Promise.all(asked.map(alone)));
    }
  });

  it('fill the limit also when entries go while they are searched for', async () => {
    const asked = hashes.map((perceptualHash) => ({ perceptualHash, maxHammingDistance: 64, limit: 20 }));
    let gone = 0;
    inBetween = async () => gone < 5 && sqlite.store.entries.delete(contentHashOf(gone++));
    const found = await imgcache.similarToEach(asked);
    expect(gone).toBe(5);
    inBetween = async () => {};
    expect(found.map(({ length }) => length)).toEqual(hashes.map(() => 20));
    expect(found).toEqual(await Promise.all(asked.map(alone)));
  });

  it('are none of no queries', async () => {
    expect(await imgcache.similarToEach([])).toEqual([]);
  });
});
