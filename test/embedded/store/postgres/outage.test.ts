import type { PostgresPool } from 'kysely';
import { describe, expect, it } from 'vitest';
import { watchOutages } from '#src/embedded/store/postgres/outage.js';

const withCode = (code: string) => Object.assign(new Error(code), { code });
const refused = withCode('ECONNREFUSED');
const crowded = withCode('53300');

/** A pool whose statements fail as told, and what was told of them. */
function watched() {
  const told: (string | null)[] = [];
  const clock = { now: 0 };
  let failure: Error | null = null;
  const run = async () => {
    if (failure) throw failure;
    return { command: 'SELECT', rowCount: 0, rows: [] };
  };
  const unwatched = {
    connect: async () => {
      if (failure === refused) throw failure;
      return { query: run, release() {} };
    },
    end: async () => {},
    // Kysely's type has an overload for cursors too.
  } as unknown as PostgresPool;
  const pool = watchOutages(
    unwatched,
    (outage) => told.push(outage && (outage.error as Error).message),
    () => clock.now,
  );
  const ask = async (outcome: Error | null) => {
    failure = outcome;
    const asked = (async () => (await pool.connect()).query('select 1', []))();
    if (outcome) await expect(asked).rejects.toBe(outcome);
    else await asked;
  };
  return { told, clock, fail: ask, succeed: () => ask(null) };
}

describe('an outage of the database', () => {
  it('is told once, however much fails in it', async () => {
    const { told, fail } = watched();
    for (let statement = 0; statement < 100; statement++) await fail(statement % 2 ? crowded : refused);
    expect(told).toEqual(['ECONNREFUSED']);
  });

  it('is one while some statements succeed between those that fail', async () => {
    const { told, clock, fail, succeed } = watched();
    for (let second = 0; second < 60; second++) {
      clock.now += 1000;
      await fail(crowded);
      await succeed();
    }
    expect(told).toEqual(['53300']);
  });

  it('ends with the first success after a quiet time, and the next one is told anew', async () => {
    const { told, clock, fail, succeed } = watched();
    await fail(refused);
    clock.now += 10_000;
    await succeed();
    await succeed();
    await fail(refused);
    expect(told).toEqual(['ECONNREFUSED', null, 'ECONNREFUSED']);
  });

  it('is none of transactions that meet each other, nor of what a statement itself does wrong', async () => {
    const { told, fail, succeed } = watched();
    for (const code of ['40001', '40P01', '23503', '23505', '22001', '42601']) await fail(withCode(code));
    await succeed();
    expect(told).toEqual([]);
  });
});
