import { randomBytes } from 'node:crypto';
import { SECRET_BYTES, type SecretStore } from '../store.js';
import type { Db } from './tables.js';

/** Secrets that the installation made for itself. */
export function secretRows(db: Db): SecretStore {
  return {
    async findOrMake(name) {
      await db
        .insertInto('secrets')
        .values({ name, secret: randomBytes(SECRET_BYTES) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const { secret } = await db
        .selectFrom('secrets')
        .select('secret')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      return Buffer.from(secret);
    },
  };
}
