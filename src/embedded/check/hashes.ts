import { hashChunks } from '../../services/hamming-distance.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const CHUNKS = ['hash0', 'hash1', 'hash2', 'hash3'];
/** All chunks are null, or all are numbers of 16 bits. */
const BROKEN = `
  select seq, content_hash as contentHash from entries
  where seq > ? and not (${CHUNKS.map((chunk) => `${chunk} is null`).join(' and ')})
    and not coalesce(${CHUNKS.map((chunk) => `${chunk} between 0 and 65535`).join(' and ')}, 0)
  order by seq limit ?`;

/** The columns that a perceptual hash is found by. */
export async function* checkHashes({ database }: CheckedFolder): AsyncGenerator<Finding> {
  type Row = { seq: number; contentHash: string };
  for await (const rows of batches<Row, 'seq'>(database, BROKEN, 'seq', 0)) {
    for (const { seq, contentHash } of rows) {
      yield {
        kind: 'broken-hash',
        problem: `The perceptual hash of the entry ${contentHash} is broken.`,
        remedy: 'It is made anew from the picture.',
        async repair({ store, blobs, pictures }) {
          const { perceptualHash } = await pictures.read(blobs.path(contentHash));
          const [hash0, hash1, hash2, hash3] = perceptualHash === null ? NO_HASH : hashChunks(perceptualHash);
          await store
            .updateTable('entries')
            .set({ hash0, hash1, hash2, hash3 })
            .where('seq', '=', seq)
            .execute();
        },
      };
    }
  }
}

const NO_HASH = [null, null, null, null] as const;
