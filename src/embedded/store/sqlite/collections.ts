import type { Selectable } from 'kysely';
import type { Collection, CreatedCollection } from '../../../services/visualsnoop.js';
import type { KeyPair } from '../store.js';
import { readByKeys } from './read-by-keys.js';
import type { CollectionsTable, Db } from './tables.js';

const COLUMNS = ['collection_id', 'name', 'user'] as const;
type CollectionRow = Pick<Selectable<CollectionsTable>, (typeof COLUMNS)[number]>;

export async function findCollections(
  db: Db,
  collectionIds: readonly string[],
): Promise<Map<string, Collection>> {
  const rows = await readByKeys(collectionIds, (ids) =>
    db.selectFrom('collections').select(COLUMNS).where('collection_id', 'in', ids).execute(),
  );
  return new Map(rows.map((row) => [row.collection_id, toCollection(row)]));
}

export async function listCollections(
  db: Db,
  { after = '', limit }: { after?: string; limit: number },
): Promise<Collection[]> {
  const rows = await db
    .selectFrom('collections')
    .select(COLUMNS)
    .where('collection_id', '>', after)
    .orderBy('collection_id')
    .limit(limit)
    .execute();
  return rows.map(toCollection);
}

export function insertCollection(db: Db, created: CreatedCollection, createdAt: string): Promise<void> {
  return db.transaction().execute((transaction) => insertWithKeys(transaction, created, createdAt));
}

export function insertFirstCollection(
  db: Db,
  created: CreatedCollection,
  createdAt: string,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const [any] = await listCollections(transaction, { limit: 1 });
    if (any) return false;
    await insertWithKeys(transaction, created, createdAt);
    return true;
  });
}

async function insertWithKeys(
  transaction: Db,
  { collection, publicKey, secretKey }: CreatedCollection,
  createdAt: string,
): Promise<void> {
  await insertCollectionRow(transaction, collection, createdAt);
  await insertKeys(transaction, collection.collectionId, { publicKey, secretKey }, createdAt);
}

/** A collection without keys. */
export async function insertCollectionRow(
  db: Db,
  { collectionId, name, user }: Collection,
  createdAt: string,
): Promise<void> {
  await db
    .insertInto('collections')
    .values({ collection_id: collectionId, name, user, created_at: createdAt })
    .execute();
}

async function insertKeys(
  transaction: Db,
  collectionId: string,
  { publicKey, secretKey }: KeyPair,
  createdAt: string,
): Promise<void> {
  await transaction
    .insertInto('collection_keys')
    .values({
      public_key: publicKey,
      collection_id: collectionId,
      secret_key: secretKey,
      created_at: createdAt,
    })
    .execute();
}

export async function listCollectionKeys(db: Db, collectionId: string): Promise<KeyPair[]> {
  const rows = await db
    .selectFrom('collection_keys')
    .select(['public_key', 'secret_key'])
    .where('collection_id', '=', collectionId)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({ publicKey: row.public_key, secretKey: row.secret_key }));
}

export async function replaceCollectionKeys(
  db: Db,
  collectionId: string,
  keys: KeyPair,
  createdAt: string,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('collection_keys').where('collection_id', '=', collectionId).execute();
    await insertKeys(transaction, collectionId, keys, createdAt);
  });
}

export async function findCollectionKey(
  db: Db,
  publicKey: string,
): Promise<{ collectionId: string; secretKey: string } | null> {
  const row = await db
    .selectFrom('collection_keys')
    .select(['collection_id', 'secret_key'])
    .where('public_key', '=', publicKey)
    .executeTakeFirst();
  return row ? { collectionId: row.collection_id, secretKey: row.secret_key } : null;
}

function toCollection({ collection_id, name, user }: CollectionRow): Collection {
  return { collectionId: collection_id, name, user };
}
