import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { SECRET_BYTES, type SecretStore } from '../store.js';
import type { Db } from './tables.js';

/** Secrets that the installation made for itself; of two gateways that make one at once both get the first. */
export function secretRows(db: Db): SecretStore {
  return {
    async findOrMake(name) {
      const { rows } = await sql<{ secret: Buffer }>`
        insert into secrets (name, secret) values (${name}, ${randomBytes(SECRET_BYTES)})
        on conflict (name) do update set name = excluded.name
        returning secret`.execute(db);
      return rows[0]!.secret;
    },
  };
}
