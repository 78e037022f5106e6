import { type Kysely, sql } from 'kysely';

/** What was decided of entries that look alike. Each row holds for every pair of its content hashes. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table duplicate_decisions (
      seq bigint primary key,
      change bigint not null unique,
      decision_id text collate "C" not null unique,
      verdict text not null,
      likeness text not null,
      widest integer not null,
      content_hashes jsonb not null,
      kept_hashes jsonb not null,
      decided_at timestamptz not null default clock_timestamp(),
      undone_at timestamptz
    )`.execute(db);
}
