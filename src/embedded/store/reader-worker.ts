import { workerData } from 'node:worker_threads';
import { serveCalls } from '../threads/serve-calls.js';
import { EntryHashes } from './entry-hashes.js';
import { openReadOnly } from './read-only.js';
import type { ReaderAnswers, ReaderCall } from './reader-protocol.js';
import { searchUrls } from './url-search.js';

/** The thread that a ReaderThread starts. Its `workerData` is the path of the database. */

const database = openReadOnly(workerData);
const hashes = new EntryHashes(database);

function answer(call: ReaderCall, signal: AbortSignal): Promise<ReaderAnswers[keyof ReaderAnswers]> {
  switch (call.name) {
    case 'scanHashes':
      return hashes.search(call.queries, signal);
    case 'searchUrls':
      return searchUrls(database, call.query, signal);
  }
}

serveCalls(answer, () => database.close());
