import { type Kysely, sql } from 'kysely';

/** The tables of imgcache, and the count of who needs which bytes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('entries')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('content_hash', 'text', (column) => column.notNull().unique())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('content_type', 'text', (column) => column.notNull())
    .addColumn('file_size_bytes', 'integer', (column) => column.notNull())
    .addColumn('original_filename', 'text')
    .addColumn('width', 'integer')
    .addColumn('height', 'integer')
    .addColumn('hash0', 'integer')
    .addColumn('hash1', 'integer')
    .addColumn('hash2', 'integer')
    .addColumn('hash3', 'integer')
    .addColumn('client_name', 'text', (column) => column.notNull())
    .addColumn('lookup_time', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('entries_created')
    .on('entries')
    .columns(['created_at desc', 'content_hash'])
    .execute();

  // Each begins with another chunk and holds the whole hash, so that a probe never touches the table.
  await db.schema
    .createIndex('entries_hash0')
    .on('entries')
    .columns(['hash0', 'hash1', 'hash2', 'hash3'])
    .execute();
  await db.schema
    .createIndex('entries_hash1')
    .on('entries')
    .columns(['hash1', 'hash0', 'hash2', 'hash3'])
    .execute();
  await db.schema
    .createIndex('entries_hash2')
    .on('entries')
    .columns(['hash2', 'hash0', 'hash1', 'hash3'])
    .execute();
  await db.schema
    .createIndex('entries_hash3')
    .on('entries')
    .columns(['hash3', 'hash0', 'hash1', 'hash2'])
    .execute();

  await db.schema
    .createTable('entry_urls')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('url_hash', 'text', (column) => column.notNull())
    .addColumn('client_name', 'text', (column) => column.notNull())
    .addColumn('lookup_time', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('entry_urls_once', ['content_hash', 'url_hash'])
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema.createIndex('entry_urls_hash').on('entry_urls').column('url_hash').execute();

  await db.schema
    .createTable('deleted_entries')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();

  await db.schema
    .createTable('blobs')
    .addColumn('content_hash', 'text', (column) => column.primaryKey())
    .addColumn('refs', 'integer', (column) => column.notNull())
    .addColumn('released_at', 'text')
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('blobs_released')
    .on('blobs')
    .column('released_at')
    .where(sql.ref('released_at'), 'is not', null)
    .execute();
}
