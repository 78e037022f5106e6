import { parentPort, workerData } from 'node:worker_threads';
import { DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { openDuplicateRows } from '../store/open-store.js';
import type { FromThread } from '../threads/call-thread.js';
import { serveCalls } from '../threads/serve-calls.js';
import type { DuplicatesCall, DuplicatesResults } from './duplicates-thread.js';
import { EntryGroups } from './entry-groups.js';
import type { CompareProgress } from './entry-pairs.js';

/** The thread that groups entries. Its `workerData` is the address of the database. */

const rows = await openDuplicateRows(workerData, DESCRIPTOR_VERSION);
const groups = new EntryGroups(rows);

function respond(
  call: DuplicatesCall,
  signal: AbortSignal,
): Promise<DuplicatesResults[keyof DuplicatesResults]> {
  switch (call.name) {
    case 'list':
      return groups.list(call, signal);
    case 'count':
      return groups.count(call.likeness, signal);
    case 'find':
      return groups.find(call.likeness, call.contentHash, signal);
    case 'decisionOn':
      return groups.decisionOn(call.contentHash);
    case 'compareAll':
      return groups.compareAll(signal, (notice) =>
        parentPort!.postMessage({ type: 'NOTICE', notice } satisfies FromThread<never, CompareProgress>),
      );
  }
}

serveCalls(respond, rows.close);
