import pg from 'pg';
import { folderDatabase, openEntryRows } from '../../dist/embedded/store/open-store.js';
import { openSqliteStore } from '../../dist/embedded/store/sqlite/open.js';
import { ownChildren, treeCpuMs } from '../harness/process-figures.js';
import { medianOf, percentile, printTable } from '../harness/report.js';

const SLICE_ROWS = 20_000;
const NEW_ROWS = 1000;
/** Each in a transaction of its own, as stores are. */
const ADD_TO_POSTGRES = `do $$
  declare hash bytea;
  begin
    for i in 1 .. ${NEW_ROWS} loop
      hash := sha256(convert_to(gen_random_uuid()::text, 'UTF8'));
      insert into blobs (content_hash, refs, place) values (hash, 1, hash::text);
      with added as (
        insert into entries (content_hash, url, content_type, file_size_bytes, hash_high, hash_low, client_name,
          lookup_time, created_at)
        values (hash, 'https://example.org/new', 'image/jpeg', 1, i, i, 'bench', now(), now())
        returning seq)
      insert into changes (seq) select seq from added;
      commit;
    end loop;
  end $$`;
const ADD_TO_SQLITE = `
  with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < ${NEW_ROWS})
  insert into entries (content_hash, url, content_type, file_size_bytes, hash0, hash1, hash2, hash3, client_name,
    lookup_time, created_at)
  select lower(hex(randomblob(32))), 'https://example.org/new', 'image/jpeg', 1, 0, i, 0, i, 'bench',
    '2026-06-01T00:00:00.000000Z', '2026-06-01T00:00:00.000000Z' from numbers`;

/**
 * What it costs a search to bring the copy of all hashes up to date first.
 *
 * @param {import('./pair.js').Pair} pair
 * @param {{ quick: boolean }} options
 */
export async function feed(pair, { quick }) {
  const [rounds, count] = quick ? [1, 50] : [5, 300];
  const stores = [await openSqlite(pair), await openPostgres(pair)];
  /** @type {Map<string, object[]>} */
  const figures = new Map();
  const note = (store, name, figure) => {
    const key = `${name}|${store.name}`;
    figures.set(key, [...(figures.get(key) ?? []), figure]);
  };
  try {
    for (const store of stores) await store.follow();
    for (let round = 0; round < rounds; round++)
      for (const store of stores) {
        note(store, 'nothing new', await followOften(store, count));
        note(store, `${NEW_ROWS} new rows`, await followNew(store));
        const end = await store.beginLongTransaction?.();
        if (!end) continue;
        await followNew(store);
        note(
          store,
          `nothing new, ${NEW_ROWS} rows behind an open transaction`,
          await followOften(store, count),
        );
        for (let more = 1; more < 10; more++) await followNew(store);
        note(
          store,
          `nothing new, ${10 * NEW_ROWS} rows behind an open transaction`,
          await followOften(store, count),
        );
        await end();
      }
  } finally {
    for (const store of stores) await store.close();
  }
  printTable(
    `Following among ${pair.hashes.length}, ${count} times in each of ${rounds} rounds: what it adds to a search that scans`,
    ['since the last time', 'store', 'p50 ms', 'p95 ms', 'CPU ms: reader', 'PostgreSQL'],
    [...figures].map(([key, rounds]) => rowOf(...key.split('|'), rounds)),
  );
}

async function openSqlite({ dataDir }) {
  const address = folderDatabase(dataDir);
  const { connection, close } = await openSqliteStore(address.path);
  return {
    ...(await openFollower('sqlite', address, close)),
    add: async () => void connection.exec(ADD_TO_SQLITE),
  };
}

async function openPostgres({ databaseUrl }) {
  const client = new pg.Client(databaseUrl);
  const old = new pg.Client(databaseUrl);
  await Promise.all([client.connect(), old.connect()]);
  const close = () => Promise.all([client.end(), old.end()]);
  return {
    ...(await openFollower('postgres', { kind: 'POSTGRES', url: databaseUrl }, close)),
    add: () => client.query(ADD_TO_POSTGRES),
    /** One that has written, as others have to wait for its end before they may forget what it does not see. */
    async beginLongTransaction() {
      await old.query('begin');
      await old.query('select pg_current_xact_id()');
      return () => old.query('rollback');
    },
  };
}

async function openFollower(name, address, closeOthers) {
  const { hashes, close } = await openEntryRows(address);
  let position = null;
  return {
    name,
    /** @returns how many rows were new */
    async follow() {
      let added = 0;
      for (let more = true; more; ) {
        const changes = await hashes.changes(position, SLICE_ROWS);
        added += changes.added.length;
        ({ position, more } = changes);
      }
      return added;
    },
    async close() {
      await close();
      await closeOthers();
    },
  };
}

async function followOften(store, count) {
  const times = [];
  const before = cpuMs();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    if ((await store.follow()) !== 0) throw new Error('Something was new.');
    times.push(performance.now() - start);
  }
  return { times, cpu: cpuMs().map((ms, i) => (ms - before[i]) / count) };
}

async function followNew(store) {
  await store.add();
  const before = cpuMs();
  const start = performance.now();
  if ((await store.follow()) !== NEW_ROWS) throw new Error('Not all that is new was followed.');
  return { times: [performance.now() - start], cpu: cpuMs().map((ms, i) => ms - before[i]) };
}

/** Of this process, and of the database. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1000, ownChildren('postgres').reduce((ms, pid) => ms + treeCpuMs(pid), 0)];
}

function rowOf(name, store, rounds) {
  return [
    name,
    store,
    medianOf(rounds.map(({ times }) => percentile(times, 50))),
    medianOf(rounds.map(({ times }) => percentile(times, 95))),
    medianOf(rounds.map(({ cpu }) => cpu[0])),
    store === 'postgres' ? medianOf(rounds.map(({ cpu }) => cpu[1])) : '',
  ];
}
