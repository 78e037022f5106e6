import { readByKeys } from './read-by-keys.js';
import type { Db } from './tables.js';

/** The BLAKE3 of bytes that a row needs. */
function knownBlake3(db: Db) {
  return db
    .selectFrom('blobs')
    .select(['content_hash', 'blake3'])
    .where('refs', '>', 0)
    .where('blake3', 'is not', null)
    .$narrowType<{ blake3: string }>();
}

export async function findBlake3(db: Db, contentHashes: readonly string[]): Promise<Map<string, string>> {
  const rows = await readByKeys(contentHashes, (hashes) =>
    knownBlake3(db).where('content_hash', 'in', hashes).execute(),
  );
  return new Map(rows.map(({ content_hash, blake3 }) => [content_hash, blake3]));
}

export async function findByBlake3(db: Db, blake3: readonly string[]): Promise<Map<string, string>> {
  const rows = await readByKeys(blake3, (hashes) => knownBlake3(db).where('blake3', 'in', hashes).execute());
  return new Map(rows.map((row) => [row.blake3, row.content_hash]));
}

export async function listWithoutBlake3(db: Db, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('blobs')
    .select('content_hash')
    .where('blake3', 'is', null)
    .where('refs', '>', 0)
    .where('content_hash', '>', after)
    .orderBy('content_hash')
    .limit(limit)
    .execute();
  return rows.map(({ content_hash }) => content_hash);
}

export async function setBlake3(db: Db, contentHash: string, blake3: string): Promise<void> {
  await db.updateTable('blobs').set({ blake3 }).where('content_hash', '=', contentHash).execute();
}
