import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openSqliteStore } from '../../dist/embedded/store/sqlite/open.js';
import { hexOf } from './synthetic-hashes.js';

/** Of every entry that fillEntries() writes. */
export const FILE_SIZE_BYTES = 190_000;

const BATCH = 10_000;
const START = Date.UTC(2026, 0, 1);

const INSERT_ENTRIES = `
  insert into entries (content_hash, url, content_type, file_size_bytes, width, height,
                       hash0, hash1, hash2, hash3, client_name, lookup_time, created_at)
  select value->>0, value->>1, 'image/jpeg', ${FILE_SIZE_BYTES}, 1600, 900,
         value->>4, value->>5, value->>6, value->>7, 'bench', value->>3, value->>3
  from json_each(?)`;
const INSERT_URLS = `
  insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
  select value->>0, value->>1, value->>2, 'bench', value->>3, value->>3 from json_each(?)`;

/**
 * Fills the database of a data folder with entries that have these perceptual hashes, but no bytes.
 *
 * @param {string} dataDir
 * @param {BigUint64Array} hashes
 */
export async function fillEntries(dataDir, hashes) {
  const { connection, close } = await openSqliteStore(join(dataDir, 'lookalike.db'));
  connection.pragma('synchronous = off');
  connection.pragma('cache_size = -1000000');
  const indexes = dropIndexes(connection);
  const inserts = [INSERT_ENTRIES, INSERT_URLS].map((sql) => connection.prepare(sql));
  for (let start = 0; start < hashes.length; start += BATCH) {
    const rows = Array.from(hashes.subarray(start, start + BATCH), (hash, i) => rowOf(start + i, hash));
    const json = JSON.stringify(rows);
    connection.transaction(() => {
      for (const insert of inserts) insert.run(json);
    })();
  }
  for (const sql of indexes) connection.exec(sql);
  connection.pragma('wal_checkpoint(truncate)');
  await close();
}

/**
 * Many rows are added several times as fast without indexes, which are then made in one go.
 *
 * @returns {string[]} what makes them again
 */
function dropIndexes(connection) {
  const indexes = connection
    .prepare(`select name, sql from sqlite_master where type = 'index' and sql is not null
      and tbl_name in ('entries', 'entry_urls')`)
    .all();
  for (const { name } of indexes) connection.exec(`drop index ${name}`);
  return indexes.map(({ sql }) => sql);
}

/**
 * When an entry that fillEntries() wrote was created, in milliseconds.
 *
 * @param {number} number from 0
 */
export function createdAtOf(number) {
  return START + number * 1000;
}

/**
 * The content hash of an entry that fillEntries() wrote.
 *
 * @param {number} number from 0
 */
export function contentHashOf(number) {
  return sha256(`entry ${number}`);
}

function rowOf(number, hash) {
  const url = `https://example.org/bench/${number}.jpg`;
  const time = new Date(createdAtOf(number)).toISOString().replace('Z', '000Z');
  const chunks = hexOf(hash)
    .match(/.{4}/g)
    .map((chunk) => Number.parseInt(chunk, 16));
  return [contentHashOf(number), url, sha256(url).slice(0, 32), time, ...chunks];
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
