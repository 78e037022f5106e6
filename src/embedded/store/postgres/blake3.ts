import { type RawBuilder, sql } from 'kysely';
import type { BlobStore } from '../blob-store.js';
import { allHashBytes, hashBytes } from './hashes.js';
import type { Db } from './tables.js';

type Blake3Rows = Pick<BlobStore, 'findBlake3' | 'findByBlake3' | 'listWithoutBlake3' | 'setBlake3'>;

/** The BLAKE3 of bytes that a row needs. */
export function blake3Rows(db: Db): Blake3Rows {
  return {
    async findBlake3(contentHashes) {
      const rows = await known(db, sql`content_hash = any(${allHashBytes(contentHashes)}::bytea[])`);
      return new Map(rows.map(({ contentHash, blake3 }) => [contentHash, blake3]));
    },
    async findByBlake3(blake3s) {
      const rows = await known(db, sql`blake3 = any(${allHashBytes(blake3s)}::bytea[])`);
      return new Map(rows.map(({ contentHash, blake3 }) => [blake3, contentHash]));
    },
    async listWithoutBlake3(after, limit) {
      const { rows } = await sql<{ contentHash: string }>`
        select encode(content_hash, 'hex') as "contentHash" from blobs
        where blake3 is null and refs > 0 and content_hash > ${hashBytes(after)}
        order by content_hash limit ${limit}`.execute(db);
      return rows.map(({ contentHash }) => contentHash);
    },
    async setBlake3(contentHash, blake3) {
      await sql`
        update blobs set blake3 = ${hashBytes(blake3)} where content_hash = ${hashBytes(contentHash)}`.execute(
        db,
      );
    },
  };
}

async function known(
  db: Db,
  condition: RawBuilder<unknown>,
): Promise<{ contentHash: string; blake3: string }[]> {
  const { rows } = await sql<{ contentHash: string; blake3: string }>`
    select encode(content_hash, 'hex') as "contentHash", encode(blake3, 'hex') as blake3 from blobs
    where blake3 is not null and refs > 0 and ${condition}`.execute(db);
  return rows;
}
