import { type Kysely, sql } from 'kysely';

/** The tables of VisualSnoop. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('collections')
    .addColumn('collection_id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('user', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();

  await db.schema
    .createTable('collection_keys')
    .addColumn('public_key', 'text', (column) => column.primaryKey())
    .addColumn('collection_id', 'text', (column) => column.notNull())
    .addColumn('secret_key', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();

  // The descriptor comes last, so that reading the columns before it does not read it.
  await db.schema
    .createTable('images')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('collection_id', 'text', (column) => column.notNull())
    .addColumn('image_id', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('image_time', 'text', (column) => column.notNull())
    .addColumn('descriptor_version', 'integer', (column) => column.notNull())
    .addColumn('descriptor', 'blob', (column) => column.notNull())
    .addUniqueConstraint('images_once', ['collection_id', 'image_id'])
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('images_newest')
    .on('images')
    .columns(['collection_id', 'image_time desc', 'image_id'])
    .execute();
  await db.schema
    .createIndex('images_content')
    .on('images')
    .columns(['content_hash', 'collection_id', 'image_id'])
    .execute();
  // For those who follow what is added to a collection.
  await db.schema
    .createIndex('images_added')
    .on('images')
    .columns(['collection_id', 'descriptor_version', 'seq'])
    .execute();
  // For making the descriptors of other versions anew.
  await db.schema.createIndex('images_version').on('images').columns(['descriptor_version', 'seq']).execute();

  await db.schema
    .createTable('deleted_images')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('collection_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('deleted_images_collection')
    .on('deleted_images')
    .columns(['collection_id', 'id'])
    .execute();
}
