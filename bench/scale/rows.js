/** The same entries in a data folder and in a PostgreSQL database: hashes and URLs, but no bytes. */
import pg from 'pg';
import { openPostgresStore } from '../../dist/embedded/store/postgres/open.js';
import { createdAtOf } from '../harness/entries.js';
import { near, random } from '../harness/synthetic-hashes.js';

/** One hash in so many has the next ones near it. */
const PLANTED_EVERY = 1000;
const PLANTED = 12;
const TABLES = ['blobs', 'entries', 'entry_urls'];
const BATCH = 50_000;

const MAKE_ROWS = `
  create temporary table new_rows on commit drop as
  select number, high, low, 'https://example.org/bench/' || number || '.jpg' as url,
    sha256(convert_to('entry ' || number, 'UTF8')) as content_hash,
    to_timestamp(${createdAtOf(0) / 1000} + number) as at
  from (select $1::int + ordinal::int - 1 as number, high, low
    from unnest($2::int[], $3::int[]) with ordinality as hashes (high, low, ordinal)) as numbered`;
const INSERTS = [
  `insert into blobs (content_hash, refs, place) select content_hash, 1, 'bench/' || number from new_rows`,
  `insert into entries (seq, content_hash, url, content_type, file_size_bytes, width, height, hash_high, hash_low,
    client_name, lookup_time, created_at) overriding system value
  select number + 1, content_hash, url, 'image/jpeg', 190000, 1600, 900, high, low, 'bench', at, at from new_rows`,
  `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
  select content_hash, url, substring(sha256(convert_to(url, 'UTF8')) for 16), 'bench', at, at from new_rows`,
];

/**
 * Random hashes, some of them with others near: within 12 bits at most.
 *
 * @param {number} count
 */
export function plantedHashes(count) {
  const next = random(1);
  const bits = () => BigInt(Math.floor(next() * 2 ** 32));
  const hashes = new BigUint64Array(count);
  for (let i = 0; i < count; i++) {
    const distance = i % PLANTED_EVERY;
    hashes[i] =
      distance > 0 && distance <= PLANTED
        ? near(hashes[i - distance], distance, next)
        : (bits() << 32n) | bits();
  }
  return hashes;
}

/**
 * Hashes near those that have others near them, and near some that have not.
 *
 * @param {BigUint64Array} hashes
 * @param {number} count
 * @param {number} seed
 */
export function queriesNear(hashes, count, seed) {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor(next() * hashes.length);
    const from = i % 2 === 0 ? at - (at % PLANTED_EVERY) : at;
    return near(hashes[from], Math.floor(next() * 3), next);
  });
}

/**
 * Makes the tables of a database, and fills them as fillEntries() fills a data folder. The index of URLs by their trigrams
 * is left out: it takes longest, and nothing here reads it.
 *
 * @param {string} url
 * @param {BigUint64Array} hashes
 */
export async function fillPostgres(url, hashes) {
  await (await openPostgresStore(url)).close();
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('set synchronous_commit = off');
    const remake = await dropIndexes(client);
    for (let start = 0; start < hashes.length; start += BATCH)
      await insertRows(client, start, hashes.subarray(start, start + BATCH));
    await client.query(`select setval(pg_get_serial_sequence('entries', 'seq'), $1)`, [hashes.length]);
    for (const sql of remake) await client.query(sql);
    await client.query(`vacuum analyze ${TABLES.join()}`);
  } finally {
    await client.end();
  }
}

/**
 * @param {string} url
 * @returns {Promise<number>} in bytes
 */
export async function databaseBytes(url) {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query('select pg_database_size(current_database()) as bytes');
  await client.end();
  return Number(rows[0].bytes);
}

/** @param {string} url of a database that nobody uses any more */
export async function dropDatabase(url) {
  const { pathname } = new URL(url);
  const client = new pg.Client(url.replace(pathname, '/postgres'));
  await client.connect();
  await client.query(`drop database ${pathname.slice(1)} with (force)`);
  await client.end();
}

/** @returns what makes them again, in order */
async function dropIndexes(client) {
  const { rows: constraints } = await client.query(
    `select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where conrelid = any($1::regclass[]) and contype in ('f', 'u', 'p')
    order by array_position('{f,u,p}'::"char"[], contype)`,
    [TABLES],
  );
  // Images refer to the bytes as well, and there are none.
  for (const { table, name } of constraints)
    await client.query(`alter table ${table} drop constraint ${name} cascade`);
  const { rows: indexes } = await client.query(
    `select indexname as name, indexdef as definition from pg_indexes where tablename = any($1)`,
    [TABLES],
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  return [
    ...indexes
      .filter(({ definition }) => !definition.includes('gin_trgm_ops'))
      .map(({ definition }) => definition),
    ...constraints
      .reverse()
      .map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
  ];
}

/** @param {BigUint64Array} hashes */
async function insertRows(client, start, hashes) {
  const halves = new Int32Array(hashes.slice().buffer);
  const half = (offset) => Array.from(hashes, (_, i) => halves[i * 2 + offset]);
  await client.query('begin');
  await client.query(MAKE_ROWS, [start, half(1), half(0)]);
  for (const insert of INSERTS) await client.query(insert);
  await client.query('commit');
}
