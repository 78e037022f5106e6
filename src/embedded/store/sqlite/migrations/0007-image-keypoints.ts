import { type Kysely, sql } from 'kysely';

/**
 * The keypoints of images, in a table of their own: a row of images has little room left on its page. Whatever removes a
 * row of images takes its keypoints with it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('image_keypoints')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('keypoints', 'blob', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  // For finding the images without keypoints of a version, which does not read the keypoints of all others.
  await db.schema
    .createIndex('image_keypoints_version')
    .on('image_keypoints')
    .columns(['version', 'seq'])
    .execute();
  await sql`
    create trigger image_keypoints_follow after delete on images begin
      delete from image_keypoints where seq = old.seq;
    end`.execute(db);
}
