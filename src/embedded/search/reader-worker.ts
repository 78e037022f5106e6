import { workerData } from 'node:worker_threads';
import { SqliteHashRows } from '../store/sqlite/hash-rows.js';
import { openReadOnly } from '../store/sqlite/read-only.js';
import { searchUrls } from '../store/sqlite/url-search.js';
import { serveCalls } from '../threads/serve-calls.js';
import { EntryHashes } from './entry-hashes.js';
import type { ReaderCall, ReaderResults } from './reader-thread.js';

/** The thread that a ReaderThread starts. Its `workerData` is the path of the database. */

const database = openReadOnly(workerData);
const hashes = new EntryHashes(new SqliteHashRows(database));

function respond(call: ReaderCall, signal: AbortSignal): Promise<ReaderResults[keyof ReaderResults]> {
  switch (call.name) {
    case 'scanHashes':
      return hashes.search(call.queries, signal);
    case 'searchUrls':
      return searchUrls(database, call.query, signal);
  }
}

serveCalls(respond, () => database.close());
