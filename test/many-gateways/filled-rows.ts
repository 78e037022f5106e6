import pg from 'pg';
import { expect } from 'vitest';
import { picture } from '../fakes/pictures.js';
import type { GatewayClient } from './gateway-client.js';

const ENTRIES = 30_000;
const IMAGES = 20_000;
/** Beyond what the index of hashes is asked for, and so few that a response holds them. */
const DISTANCES = [4, 10, 22];

/** Rows that were not stored through any gateway, and how searches must find them. */
export interface FilledRows {
  /** Of entries. */
  count: number;
  /** Each fails unless it finds all that there is to be found. */
  searches: ((gateway: GatewayClient) => Promise<void>)[];
}

/**
 * Fills an empty database with so many rows that reading them takes a while, and then stores a picture that comes last in
 * both services.
 */
export async function fillRows(databaseUrl: string, gateway: GatewayClient): Promise<FilledRows> {
  const { collection } = await gateway.change(
    'createCollection',
    { name: 'filled' },
    'collection { collectionId }',
  );
  const { collectionId } = collection;
  const [common, rare] = [Buffer.from(await picture(1)), Buffer.from(await picture(2))];
  await gateway.change('addImage', { collectionId, imageId: 'common' }, 'status', common);
  const database = new pg.Client(databaseUrl);
  await database.connect();
  await insertRows(database);
  const image = Buffer.concat([rare, Buffer.from('other bytes')]);
  const input = { collectionId, url: 'https://x.example/last.png', clientName: 'test' };
  const last = await gateway.change(
    'ingestImage',
    input,
    'entry { perceptualHash } image { imageId }',
    image,
  );
  const { perceptualHash } = last.entry;
  const expected = new Map<number, string[]>();
  for (const distance of DISTANCES) expected.set(distance, await within(database, perceptualHash, distance));
  await database.end();
  return {
    count: ENTRIES + 1,
    searches: [
      ...DISTANCES.map((distance) => async (asked: GatewayClient) => {
        const query = { perceptual_hash: perceptualHash, max_hamming_distance: String(distance) };
        const found = (await asked.imgcache('GET', '/images/similar', query)).json();
        const hashes = found.map((row: { content_hash: string }) => row.content_hash);
        expect(hashes.toSorted(), `within ${distance}`).toEqual(expected.get(distance));
      }),
      async (asked) => {
        const { similar } = await asked.query(VISUAL, {
          collectionIds: [collectionId],
          to: { image: { base64: rare.toString('base64') } },
        });
        const ids = similar.images.map((match: { image: { imageId: string } }) => match.image.imageId);
        expect(ids).toContain(last.image.imageId);
      },
    ],
  };
}

const VISUAL = `query ($collectionIds: [String!], $to: SimilarToInput!) {
  similar(to: $to, collectionIds: $collectionIds, first: 10) { images { image { imageId } } }
}`;

async function insertRows(database: pg.Client): Promise<void> {
  const random = 'floor((random() - 0.5) * 4294967296)::bigint::int';
  await database.query('begin');
  await database.query(
    `with rows as (
       select sha256(nth::text::bytea) as content_hash, 'https://filled.example/' || nth as url
       from generate_series(1, ${ENTRIES}) as nth),
     bytes as (insert into blobs (content_hash, refs, place) select content_hash, 1, 'nowhere' from rows),
     stored as (
       insert into entries (file_size_bytes, lookup_time, created_at, width, height, hash_high, hash_low, content_hash,
         url, content_type, client_name)
       select 1, now(), now(), 1, 1, ${random}, ${random}, content_hash, url, 'image/png', 'filled' from rows
       returning seq)
     insert into changes (seq) select seq from stored`,
  );
  await database.query(
    `with stored as (
       insert into images (image_time, descriptor_version, content_hash, collection_id, image_id, descriptor)
       select image_time, descriptor_version, content_hash, collection_id, 'filled-' || nth, descriptor
       from images, generate_series(1, ${IMAGES}) as nth where image_id = 'common'
       returning seq, collection_id)
     insert into changes (seq, collection_id) select seq, collection_id from stored`,
  );
  await database.query(`update blobs set refs = refs + ${IMAGES} where place <> 'nowhere'`);
  await database.query('commit');
}

/** Reckoned by the database itself. */
async function within(database: pg.Client, perceptualHash: string, distance: number): Promise<string[]> {
  const { rows } = await database.query<{ hash: string }>(
    `select encode(content_hash, 'hex') as hash from entries
     where bit_count((hash_high::bit(32) || hash_low::bit(32)) # ('x' || $1::text)::bit(64)) <= $2
     order by hash`,
    [perceptualHash, distance],
  );
  return rows.map(({ hash }) => hash);
}
