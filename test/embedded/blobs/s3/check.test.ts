import { randomBytes } from 'node:crypto';
import { blake2b } from 'hash-wasm';
import { expect, it } from 'vitest';
import { checkBytes } from '#src/embedded/check/bytes.js';
import type { Store } from '#src/embedded/store/store.js';
import { type Behaviour, html } from '../../../fakes/faulty-server.js';
import { object, s3Error } from '../../../fakes/s3-behaviours.js';
import { faultyS3 } from './faulty-s3.js';

const BYTES = randomBytes(100_000);
const HASH = await blake2b(BYTES, 256);
const NEEDED = { contentHash: HASH, size: BYTES.length };

/** A store with one row that needs bytes: what the check of bytes asks of it, and nothing else. */
const store = {
  blobs: { findPlace: async () => `${HASH.slice(0, 2)}/${HASH.slice(2, 4)}/${HASH}-a` },
  audit: {
    countNeededBytes: async () => 1,
    findNeededBytes: async () => NEEDED,
    async *neededBytes() {
      yield [NEEDED];
    },
  },
} as unknown as Store;

const missing: Behaviour = (exchange) =>
  exchange.request.method === 'HEAD' ? html(404)(exchange) : s3Error(404, 'NoSuchKey')(exchange);

it.each([
  ['nothing of bytes that are right', object(BYTES), []],
  ['corrupt bytes', object(randomBytes(BYTES.length)), ['corrupt-bytes']],
  ['bytes cut short', object(BYTES.subarray(0, 10)), ['corrupt-bytes']],
  ['lost bytes', missing, ['lost-bytes']],
])('a check of bytes in S3 finds %s', async (_, behaviour, expected) => {
  await using s3 = await faultyS3([behaviour]);
  const kinds: string[] = [];
  for await (const { kind } of checkBytes({ store, blobs: s3.blobs, quick: false, onProgress: () => {} }))
    kinds.push(kind);
  expect(kinds).toEqual(expected);
});

it('a check of bytes in S3 ends when S3 fails, and finds nothing lost', async () => {
  await using s3 = await faultyS3([html(500)]);
  const checking = checkBytes({ store, blobs: s3.blobs, quick: false, onProgress: () => {} });
  await expect(checking.next()).rejects.toMatchObject({ name: 'StorageError' });
});
