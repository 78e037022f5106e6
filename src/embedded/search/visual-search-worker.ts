import { parentPort, workerData } from 'node:worker_threads';
import { DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { openImageRows } from '../store/open-store.js';
import type { FromThread } from '../threads/call-thread.js';
import { serveCalls } from '../threads/serve-calls.js';
import { CollectionIndexes } from './collection-indexes.js';
import { VisualSearch } from './visual-search.js';
import type {
  KeypointsNotice,
  VisualSearchCall,
  VisualSearchData,
  VisualSearchResults,
} from './visual-search-thread.js';

/** The thread that a VisualSearchThread starts. */

// What the thread is started with.
const { address, maxKeypointBytes } = workerData as VisualSearchData;
const rows = await openImageRows(address, DESCRIPTOR_VERSION);
const onSearched = (collectionId: string, areSearched: boolean) =>
  parentPort!.postMessage({
    type: 'NOTICE',
    notice: { collectionId, areSearched },
  } satisfies FromThread<never, KeypointsNotice>);
const search = new VisualSearch(
  rows.images,
  new CollectionIndexes(undefined, { maxBytes: maxKeypointBytes, onSearched }),
);

function respond(
  call: VisualSearchCall,
  signal: AbortSignal,
): Promise<VisualSearchResults[keyof VisualSearchResults]> {
  switch (call.name) {
    case 'byIds':
      return search.byIds(call.keys, call.search, signal);
    case 'byPicture':
      return search.byPicture(call.collectionId, call.picture, call.search, signal);
  }
}

serveCalls(respond, rows.close);
