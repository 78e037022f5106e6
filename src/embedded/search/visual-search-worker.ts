import { workerData } from 'node:worker_threads';
import { DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { ImageRows } from '../store/image-rows.js';
import { openReadOnly } from '../store/read-only.js';
import { serveCalls } from '../threads/serve-calls.js';
import { VisualSearch } from './visual-search.js';
import type { VisualSearchAnswers, VisualSearchCall } from './visual-search-protocol.js';

/** The thread that a VisualSearchThread starts. Its `workerData` is the path of the database. */

const database = openReadOnly(workerData);
const search = new VisualSearch(new ImageRows(database, DESCRIPTOR_VERSION));

function answer(
  call: VisualSearchCall,
  signal: AbortSignal,
): Promise<VisualSearchAnswers[keyof VisualSearchAnswers]> {
  switch (call.name) {
    case 'byIds':
      return search.byIds(call.keys, call.limit, signal);
    case 'byPicture':
      return search.byPicture(call.collectionId, call.picture, call.limit, signal);
  }
}

serveCalls(answer, () => database.close());
