import type { Selectable } from 'kysely';
import type { Collection, CreatedCollection } from '../../../services/visualsnoop.js';
import { readByKeys } from './read-by-keys.js';
import type { CollectionsTable, Store } from './tables.js';

const COLUMNS = ['collection_id', 'name', 'user'] as const;
type CollectionRow = Pick<Selectable<CollectionsTable>, (typeof COLUMNS)[number]>;

export async function findCollections(
  store: Store,
  collectionIds: readonly string[],
): Promise<Map<string, Collection>> {
  const rows = await readByKeys(collectionIds, (ids) =>
    store.selectFrom('collections').select(COLUMNS).where('collection_id', 'in', ids).execute(),
  );
  return new Map(rows.map((row) => [row.collection_id, toCollection(row)]));
}

/** By id, ascending. */
export async function listCollections(
  store: Store,
  { after = '', limit }: { after?: string; limit: number },
): Promise<Collection[]> {
  const rows = await store
    .selectFrom('collections')
    .select(COLUMNS)
    .where('collection_id', '>', after)
    .orderBy('collection_id')
    .limit(limit)
    .execute();
  return rows.map(toCollection);
}

export async function insertCollection(
  store: Store,
  { collection: { collectionId, name, user }, publicKey, secretKey }: CreatedCollection,
  createdAt: string,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('collections')
      .values({ collection_id: collectionId, name, user, created_at: createdAt })
      .execute();
    await insertKeys(transaction, collectionId, { publicKey, secretKey }, createdAt);
  });
}

async function insertKeys(
  transaction: Store,
  collectionId: string,
  { publicKey, secretKey }: { publicKey: string; secretKey: string },
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

/** The keys of a collection, the newest first. */
export async function listCollectionKeys(
  store: Store,
  collectionId: string,
): Promise<{ publicKey: string; secretKey: string }[]> {
  const rows = await store
    .selectFrom('collection_keys')
    .select(['public_key', 'secret_key'])
    .where('collection_id', '=', collectionId)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({ publicKey: row.public_key, secretKey: row.secret_key }));
}

/** The old keys are good for nothing from now on. */
export async function replaceCollectionKeys(
  store: Store,
  collectionId: string,
  keys: { publicKey: string; secretKey: string },
  createdAt: string,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('collection_keys').where('collection_id', '=', collectionId).execute();
    await insertKeys(transaction, collectionId, keys, createdAt);
  });
}

export async function findCollectionKey(
  store: Store,
  publicKey: string,
): Promise<{ collectionId: string; secretKey: string } | null> {
  const row = await store
    .selectFrom('collection_keys')
    .select(['collection_id', 'secret_key'])
    .where('public_key', '=', publicKey)
    .executeTakeFirst();
  return row ? { collectionId: row.collection_id, secretKey: row.secret_key } : null;
}

function toCollection({ collection_id, name, user }: CollectionRow): Collection {
  return { collectionId: collection_id, name, user };
}
