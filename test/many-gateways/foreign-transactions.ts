import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Random } from '../harness/seeded-random.js';
import type { Check } from './entry-checks.js';
import type { GatewayClient } from './gateway-client.js';

const LEAST_MS = 500;
const MOST_MS = 3000;

/**
 * Keeps a transaction open, for seconds, in which an entry and an image are stored: what others store meanwhile becomes
 * visible before them, although their transaction and seqs came first. Some are rolled back.
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
      const rows = { ...(await insertEntry(client)), ...(await insertImage(client)) };
      await sleep(LEAST_MS + random(MOST_MS - LEAST_MS), undefined, { signal }).catch(() => {});
      const commits = random(4) > 0;
      await client.query(commits ? 'commit' : 'rollback');
      await check(searches(rows, commits));
    }
  } finally {
    await client.end();
  }
  return count;
}

interface ForeignEntry {
  contentHash: string;
  perceptualHash: string;
}

interface ForeignImage {
  collectionId: string;
  imageId: string;
  /** One that looks the same. */
  sourceId: string;
}

async function insertEntry(client: pg.Client): Promise<ForeignEntry> {
  const [bytes, hash] = [await insertBytes(client), randomBytes(8)];
  const contentHash = bytes.toString('hex');
  await client.query(
    `with stored as (
       insert into entries (file_size_bytes, lookup_time, created_at, width, height, hash_high, hash_low, content_hash,
         url, content_type, client_name)
       values (1, now(), now(), 1, 1, $1, $2, $3, $4, 'image/png', 'foreign') returning seq)
     insert into changes (seq) select seq from stored`,
    [hash.readInt32BE(0), hash.readInt32BE(4), bytes, `https://foreign.example/${contentHash}`],
  );
  return { contentHash, perceptualHash: hash.toString('hex') };
}

/** It looks as one that stays, and has other bytes. */
async function insertImage(client: pg.Client): Promise<ForeignImage> {
  const bytes = await insertBytes(client);
  const { rows } = await client.query<ForeignImage>(
    `with source as (select * from images where image_id like '%-anchor-%' order by random() limit 1),
     stored as (
       insert into images (image_time, descriptor_version, content_hash, collection_id, image_id, descriptor)
       select clock_timestamp(), descriptor_version, $1, collection_id, $2, descriptor from source
       returning seq, collection_id, image_id),
     noted as (insert into changes (seq, collection_id) select seq, collection_id from stored)
     select stored.collection_id as "collectionId", stored.image_id as "imageId", source.image_id as "sourceId"
     from stored, source`,
    [bytes, `foreign-${bytes.toString('hex', 0, 8)}`],
  );
  return rows[0]!;
}

async function insertBytes(client: pg.Client): Promise<Buffer> {
  const bytes = randomBytes(32);
  await client.query(`insert into blobs (content_hash, refs, place) values ($1, 1, 'nowhere')`, [bytes]);
  return bytes;
}

const SIMILAR = `query ($hash: PerceptualHash!, $distance: Int!) {
  similar(to: { perceptualHash: $hash }, collectionIds: [], maxHammingDistance: $distance) {
    entries { entry { contentHash } }
  }
}`;

const SIMILAR_IMAGES = `query ($collectionId: String!, $imageId: String!) {
  image(collectionId: $collectionId, imageId: $imageId) { similar(first: 100) { image { imageId } } }
}`;

function searches(
  { contentHash, perceptualHash, collectionId, imageId, sourceId }: ForeignEntry & ForeignImage,
  isThere: boolean,
): Check[] {
  const which = isThere ? 'a foreign' : 'no undone';
  return [
    ...[4, 10, 64].map((distance) => ({
      name: `${which} entry similar within ${distance}`,
      async holds(gateway: GatewayClient) {
        const { similar } = await gateway.query(SIMILAR, { hash: perceptualHash, distance });
        const found = similar.entries.map(({ entry }: { entry: ForeignEntry }) => entry.contentHash);
        return found.includes(contentHash) === isThere;
      },
    })),
    {
      name: `${which} image similar to another`,
      async holds(gateway: GatewayClient) {
        const { image } = await gateway.query(SIMILAR_IMAGES, { collectionId, imageId: sourceId });
        const found = image.similar.map((match: { image: ForeignImage }) => match.image.imageId);
        return found.includes(imageId) === isThere;
      },
    },
  ];
}
