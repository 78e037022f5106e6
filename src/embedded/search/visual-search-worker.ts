import { workerData } from 'node:worker_threads';
import { DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { SqliteImageRows } from '../store/sqlite/image-rows.js';
import { openReadOnly } from '../store/sqlite/read-only.js';
import { serveCalls } from '../threads/serve-calls.js';
import { VisualSearch } from './visual-search.js';
import type { VisualSearchCall, VisualSearchResults } from './visual-search-thread.js';

/** The thread that a VisualSearchThread starts. Its `workerData` is the path of the database. */

const database = openReadOnly(workerData);
const search = new VisualSearch(new SqliteImageRows(database, DESCRIPTOR_VERSION));

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

serveCalls(respond, () => database.close());
