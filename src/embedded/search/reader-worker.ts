import { parentPort, workerData } from 'node:worker_threads';
import { openEntryRows } from '../store/open-store.js';
import type { FromThread } from '../threads/call-thread.js';
import { serveCalls } from '../threads/serve-calls.js';
import { EntryHashes } from './entry-hashes.js';
import type { FillProgress } from './fill-report.js';
import type { ReaderCall, ReaderResults } from './reader-thread.js';

/** The thread that a ReaderThread starts. Its `workerData` is the address of the database. */

const rows = await openEntryRows(workerData);
const hashes = new EntryHashes(rows.hashes, (notice) =>
  parentPort!.postMessage({ type: 'NOTICE', notice } satisfies FromThread<never, FillProgress>),
);

function respond(call: ReaderCall, signal: AbortSignal): Promise<ReaderResults[keyof ReaderResults]> {
  switch (call.name) {
    case 'scanHashes':
      return hashes.search(call.bucket, call.queries, signal);
    case 'searchUrls':
      return rows.urlSearch.searchUrls(call.bucket, call.query, signal);
    case 'countEntries':
      return rows.counts.countEntries(call.bucket, call.filter, signal);
    case 'listClients':
      return rows.counts.listClients(call.bucket, call.query, signal);
  }
}

serveCalls(respond, rows.close);
