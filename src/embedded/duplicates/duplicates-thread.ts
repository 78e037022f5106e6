import type { GroupPosition, OpenGroup, PairLikeness } from '../../services/duplicates.js';
import type { StoreAddress } from '../store/open-store.js';
import { CallThread } from '../threads/call-thread.js';
import type { CompareProgress } from './entry-pairs.js';

/** A call of the main thread to the thread that groups entries. */
export type DuplicatesCall =
  | { name: 'list'; likeness: PairLikeness; after?: GroupPosition; limit: number }
  | { name: 'count'; likeness: PairLikeness }
  | { name: 'find'; likeness: PairLikeness; contentHash: string }
  | { name: 'decisionOn'; contentHash: string }
  | { name: 'compareAll' };

/** The result of each call, by its name. */
export interface DuplicatesResults {
  list: OpenGroup[];
  count: number;
  find: OpenGroup | null;
  decisionOn: string | null;
  compareAll: CompareProgress;
}

export type DuplicatesThread = CallThread<DuplicatesCall, DuplicatesResults, CompareProgress>;

/** Groups entries in a thread that keeps their hashes and pairs in memory. */
export function createDuplicatesThread(
  address: StoreAddress,
  onProgress: (progress: CompareProgress) => void,
): DuplicatesThread {
  const entry = new URL('./duplicates-worker.js', import.meta.url);
  return new CallThread({ name: 'duplicates', entry, data: address, onNotice: onProgress });
}
