import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Random } from '../harness/seeded-random.js';
import type { Check } from './entry-checks.js';
import type { GatewayClient } from './gateway-client.js';

const LEAST_MS = 500;
const MOST_MS = 3000;

/**
 * Keeps a transaction open, for seconds, in which an entry is stored: what others store meanwhile becomes visible before
 * it, although its transaction and its seq came first. Some are rolled back.
 *
 * @param check is told what every gateway must say when each of them has ended
 * @returns how many there were, once the signal has ended it
 */
export async function keepTransactionsOpen(
  databaseUrl: string,
  random: Random,
  check: (checks: Check[]) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  let count = 0;
  try {
    for (; !signal.aborted; count++) {
      await client.query('begin');
      const entry = await insertEntry(client);
      await sleep(LEAST_MS + random(MOST_MS - LEAST_MS), undefined, { signal }).catch(() => {});
      const commits = random(4) > 0;
      await client.query(commits ? 'commit' : 'rollback');
      await check(searches(entry, commits));
    }
  } finally {
    await client.end();
  }
  return count;
}

interface ForeignEntry {
  contentHash: string;
  perceptualHash: string;
  url: string;
}

async function insertEntry(client: pg.Client): Promise<ForeignEntry> {
  const contentHash = randomBytes(32).toString('hex');
  const hash = randomBytes(8);
  const url = `https://foreign.example/${contentHash}`;
  const bytes = Buffer.from(contentHash, 'hex');
  await client.query(`insert into blobs (content_hash, refs, place) values ($1, 1, 'nowhere')`, [bytes]);
  await client.query(
    `with stored as (
       insert into entries (file_size_bytes, lookup_time, created_at, width, height, hash_high, hash_low, content_hash,
         url, content_type, client_name)
       values (1, now(), now(), 1, 1, $1, $2, $3, $4, 'image/png', 'foreign') returning seq)
     insert into changes (seq) select seq from stored`,
    [hash.readInt32BE(0), hash.readInt32BE(4), bytes, url],
  );
  return { contentHash, perceptualHash: hash.toString('hex'), url };
}

const SIMILAR = `query ($hash: PerceptualHash!, $distance: Int!) {
  similar(to: { perceptualHash: $hash }, collectionIds: [], maxHammingDistance: $distance) {
    entries { entry { contentHash } }
  }
}`;

function searches({ contentHash, perceptualHash }: ForeignEntry, isThere: boolean): Check[] {
  return [4, 10, 64].map((distance) => ({
    name: `${isThere ? 'a foreign' : 'no undone'} entry similar within ${distance}`,
    async holds(gateway: GatewayClient) {
      const { similar } = await gateway.query(SIMILAR, { hash: perceptualHash, distance });
      const found = similar.entries.map(({ entry }: { entry: ForeignEntry }) => entry.contentHash);
      return found.includes(contentHash) === isThere;
    },
  }));
}
