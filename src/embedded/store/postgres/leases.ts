import { sql } from 'kysely';
import type { Leases } from '../leases.js';
import type { Db } from './tables.js';

/** A lease is a row; of two that take it at once one waits for the other and then finds whose it is. */
export function leaseRows(db: Db): Leases {
  return {
    async take(name, holder, ms) {
      const { rows } = await sql<{ holder: string }>`
        insert into leases (name, holder, expires_at)
        values (${name}, ${holder}, clock_timestamp() + ${ms} * interval '1 millisecond')
        on conflict (name) do update set
          holder = case when ${isFree(holder)} then excluded.holder else leases.holder end,
          expires_at = case when ${isFree(holder)} then excluded.expires_at else leases.expires_at end
        returning holder`.execute(db);
      return rows[0]!.holder;
    },
    async release(name, holder) {
      await sql`delete from leases where name = ${name} and holder = ${holder}`.execute(db);
    },
  };
}

function isFree(holder: string) {
  return sql`(leases.holder = ${holder} or leases.expires_at < clock_timestamp())`;
}
