import { type Kysely, sql } from 'kysely';

/**
 * The keypoints of images, in a table of their own. Whatever removes a row of images, or gives it another seq, takes its
 * keypoints with it: also a gateway that does not know of them.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table image_keypoints (
     seq bigint primary key,
     version integer not null,
     keypoints bytea not null
   )`,
  'alter table image_keypoints alter column keypoints set storage external',
  // For finding the images without keypoints of a version, which does not read the keypoints of all others.
  'create index image_keypoints_version on image_keypoints (version, seq)',
  `create function remove_image_keypoints() returns trigger language plpgsql as $$
     begin
       delete from image_keypoints where seq = old.seq;
       return null;
     end $$`,
  `create trigger image_keypoints_follow after delete or update of seq on images
     for each row execute function remove_image_keypoints()`,
];
