import { sql } from 'kysely';
import { isStorable } from '../../../services/storable-text.js';
import type { CreatedCollection } from '../../../services/visualsnoop.js';
import type { CollectionStore, KeyPair } from '../store.js';
import { emptyDeletedCollections } from './deleted-collections.js';
import { FIRST_ROWS_LOCK, refuseUnfinishedImport } from './imports.js';
import type { Db } from './tables.js';
import { upToNul } from './values.js';

const COLLECTION = ['collection_id as collectionId', 'name', 'user'] as const;

/** Collections and their keys. */
export function collectionStore(db: Db): Omit<CollectionStore, 'delete'> {
  return {
    async find(collectionIds) {
      const ids = collectionIds.filter(isStorable);
      if (ids.length === 0) return new Map();
      const found = await db
        .selectFrom('collections')
        .select(COLLECTION)
        .where(sql<boolean>`collection_id = any(${ids}::text[])`)
        .where('deleted_at', 'is', null)
        .execute();
      return new Map(found.map((collection) => [collection.collectionId, collection]));
    },
    async list({ order = 'ASCENDING', after, before, limit }) {
      const [later, earlier] = order === 'ASCENDING' ? (['>', '<'] as const) : (['<', '>'] as const);
      let query = db
        .selectFrom('collections')
        .select(COLLECTION)
        .where('deleted_at', 'is', null)
        .limit(limit);
      if (after !== undefined) query = query.where('collection_id', later, upToNul(after));
      if (before !== undefined) query = query.where('collection_id', earlier, upToNul(before));
      return query.orderBy('collection_id', order === 'ASCENDING' ? 'asc' : 'desc').execute();
    },
    async count() {
      const { count } = await db
        .selectFrom('collections')
        .where('deleted_at', 'is', null)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    insert: (created, createdAt) => insertCollection(db, created, createdAt),
    insertFirst: (created, createdAt) => insertFirst(db, created, createdAt),
    async rename(collectionId, { name, user }) {
      if (!isStorable(collectionId)) return null;
      const renamed = await db
        .updateTable('collections')
        .set(user === undefined ? { name } : { name, user })
        .where('collection_id', '=', collectionId)
        .where('deleted_at', 'is', null)
        .returning(COLLECTION)
        .executeTakeFirst();
      return renamed ?? null;
    },
    emptyDeleted: (limit) => emptyDeletedCollections(db, limit),
    async listKeys(collectionId) {
      return db
        .selectFrom('collection_keys')
        .select(['public_key as publicKey', 'secret_key as secretKey'])
        .where('collection_id', '=', collectionId)
        .orderBy('created_at', 'desc')
        .execute();
    },
    replaceKeys: (collectionId, keys, createdAt) => replaceKeys(db, collectionId, keys, createdAt),
    async findKey(publicKey) {
      if (!isStorable(publicKey)) return null;
      const found = await db
        .selectFrom('collection_keys')
        .select(['collection_id as collectionId', 'secret_key as secretKey'])
        .where('public_key', '=', publicKey)
        .executeTakeFirst();
      return found ?? null;
    },
  };
}

async function insertCollection(
  db: Db,
  { collection, publicKey, secretKey }: CreatedCollection,
  createdAt: string,
): Promise<boolean> {
  const { rows } = await sql`
    with created as (
      insert into collections (collection_id, name, "user", created_at)
      values (${collection.collectionId}, ${collection.name}, ${collection.user}, ${createdAt}::timestamptz)
      on conflict (collection_id) do nothing
      returning collection_id, created_at)
    insert into collection_keys (public_key, collection_id, secret_key, created_at)
    select ${publicKey}, collection_id, ${secretKey}, created_at from created returning collection_id`.execute(
    db,
  );
  return rows.length > 0;
}

async function insertFirst(db: Db, created: CreatedCollection, createdAt: string): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${FIRST_ROWS_LOCK})`.execute(transaction);
    await refuseUnfinishedImport(transaction);
    const any = await transaction
      .selectFrom('collections')
      .select('collection_id')
      .limit(1)
      .executeTakeFirst();
    if (!any) await insertCollection(transaction, created, createdAt);
    return !any;
  });
}

/** Of two at a time the later one stays: the row of the collection makes it wait. */
async function replaceKeys(
  db: Db,
  collectionId: string,
  { publicKey, secretKey }: KeyPair,
  createdAt: string,
): Promise<boolean> {
  if (!isStorable(collectionId)) return false;
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      select collection_id from collections where collection_id = ${collectionId} and deleted_at is null
      for no key update`.execute(transaction);
    if (rows.length === 0) return false;
    await sql`
      with gone as (
        delete from collection_keys where collection_id = ${collectionId} and public_key <> ${publicKey})
      insert into collection_keys (public_key, collection_id, secret_key, created_at)
      values (${publicKey}, ${collectionId}, ${secretKey}, ${createdAt}::timestamptz)
      on conflict (public_key) do nothing`.execute(transaction);
    return true;
  });
}
