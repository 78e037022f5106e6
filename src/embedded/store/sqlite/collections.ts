import type { Selectable } from 'kysely';
import { now } from '../../../services/timestamp.js';
import type { Collection, CollectionQuery, CreatedCollection } from '../../../services/visualsnoop.js';
import type { DeletedCollection, KeyPair } from '../store.js';
import { readByKeys } from './read-by-keys.js';
import type { CollectionsTable, Db } from './tables.js';

const COLUMNS = ['collection_id', 'name', 'user'] as const;
type CollectionRow = Pick<Selectable<CollectionsTable>, (typeof COLUMNS)[number]>;

export async function findCollections(
  db: Db,
  collectionIds: readonly string[],
): Promise<Map<string, Collection>> {
  const rows = await readByKeys(collectionIds, (ids) =>
    db
      .selectFrom('collections')
      .select(COLUMNS)
      .where('collection_id', 'in', ids)
      .where('deleted_at', 'is', null)
      .execute(),
  );
  return new Map(rows.map((row) => [row.collection_id, toCollection(row)]));
}

export async function listCollections(
  db: Db,
  { order = 'ASCENDING', after, before, limit }: CollectionQuery,
): Promise<Collection[]> {
  const [later, earlier] = order === 'ASCENDING' ? (['>', '<'] as const) : (['<', '>'] as const);
  let query = db.selectFrom('collections').select(COLUMNS).where('deleted_at', 'is', null).limit(limit);
  if (after !== undefined) query = query.where('collection_id', later, after);
  if (before !== undefined) query = query.where('collection_id', earlier, before);
  const rows = await query.orderBy('collection_id', order === 'ASCENDING' ? 'asc' : 'desc').execute();
  return rows.map(toCollection);
}

export async function countCollections(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('collections')
    .where('deleted_at', 'is', null)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export function insertCollection(db: Db, created: CreatedCollection, createdAt: string): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const taken = await transaction
      .selectFrom('collections')
      .select('collection_id')
      .where('collection_id', '=', created.collection.collectionId)
      .executeTakeFirst();
    if (taken) return false;
    await insertWithKeys(transaction, created, createdAt);
    return true;
  });
}

export function insertFirstCollection(
  db: Db,
  created: CreatedCollection,
  createdAt: string,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const any = await transaction
      .selectFrom('collections')
      .select('collection_id')
      .limit(1)
      .executeTakeFirst();
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
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const known = await findCollections(transaction, [collectionId]);
    if (known.size === 0) return false;
    await deleteKeys(transaction, collectionId);
    await insertKeys(transaction, collectionId, keys, createdAt);
    return true;
  });
}

async function deleteKeys(transaction: Db, collectionId: string): Promise<void> {
  await transaction.deleteFrom('collection_keys').where('collection_id', '=', collectionId).execute();
}

export async function renameCollection(
  db: Db,
  collectionId: string,
  to: { name: string; user?: string | null | undefined },
): Promise<Collection | null> {
  const row = await db
    .updateTable('collections')
    .set(to.user === undefined ? { name: to.name } : { name: to.name, user: to.user })
    .where('collection_id', '=', collectionId)
    .where('deleted_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
  return row ? toCollection(row) : null;
}

export function deleteCollection(
  db: Db,
  collectionId: string,
  confirmation: string,
): Promise<DeletedCollection> {
  return db.transaction().execute(async (transaction) => {
    const collection = (await findCollections(transaction, [collectionId])).get(collectionId);
    if (!collection) return 'UNKNOWN';
    if (confirmation !== (collection.name ?? collectionId)) return 'NOT_CONFIRMED';
    await transaction
      .updateTable('collections')
      .set({ name: null, user: null, deleted_at: now() })
      .where('collection_id', '=', collectionId)
      .execute();
    await deleteKeys(transaction, collectionId);
    return 'DELETED';
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
