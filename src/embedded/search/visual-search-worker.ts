import { workerData } from 'node:worker_threads';
import { DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { openImageRows } from '../store/open-store.js';
import { serveCalls } from '../threads/serve-calls.js';
import { VisualSearch } from './visual-search.js';
import type { VisualSearchCall, VisualSearchResults } from './visual-search-thread.js';

/** The thread that a VisualSearchThread starts. Its `workerData` is the address of the database. */

const rows = await openImageRows(workerData, DESCRIPTOR_VERSION);
const search = new VisualSearch(rows.images);

function respond(
  call: VisualSearchCall,
  signal: AbortSignal,
): Promise<VisualSearchResults[keyof VisualSearchResults]> {
  switch (call.name) {
    case 'byIds':
      return search.byIds(call.keys, call.limit, signal);
    case 'byPicture':
      return search.byPicture(call.collectionId, call.picture, call.limit, signal);
  }
}

serveCalls(respond, rows.close);
