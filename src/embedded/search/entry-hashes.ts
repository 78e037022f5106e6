import { setImmediate } from 'node:timers/promises';
import type { HashRow, HashRows } from '../store/rows.js';
import { BucketHashes } from './bucket-hashes.js';
import type { FillProgress } from './fill-report.js';
import { FollowedCopy } from './followed-copy.js';
import { Follower } from './follower.js';
import type { HashMatches, HashQuery } from './hash-matches.js';

/**
 * How many rows are read at once: less than 1 ms of work, between which other calls and aborts get their turn. Of more, V8 copies
 * those that it finds in use when it collects garbage, and takes memory for them that it keeps.
 */
const SLICE_ROWS = 500;
/** How many pairs of a query and an entry are compared at once: about as much work. */
const SLICE_PAIRS = 20_000_000;

/** The hashes of all entries in memory, brought up to date with the database before each search. */
export class EntryHashes {
  #hashes = new BucketHashes();
  readonly #follower: Follower<HashRow>;

  /** @param onFill told after each read of the filling */
  constructor(rows: HashRows, onFill: (progress: FillProgress) => void = () => {}) {
    const copy = new FollowedCopy<HashRow>(
      {
        add: ([seq, bucket, ...hash]) => this.#hashes.add(bucket, seq, hash),
        remove: (seq) => this.#hashes.remove(seq),
        // Searches that are under way go on in the old ones.
        clear: () => {
          this.#hashes = new BucketHashes();
        },
      },
      ([seq]) => seq,
    );
    let read = 0;
    let isFilling = true;
    this.#follower = new Follower(copy, async (after) => {
      const changes = await rows.changes(after, SLICE_ROWS);
      if (changes.reset) {
        read = 0;
        isFilling = true;
      }
      read += changes.added.length;
      if (isFilling) onFill({ read, done: !changes.more });
      isFilling &&= changes.more;
      return changes;
    });
  }

  /** The matches of each of the queries in a bucket, among it all that was committed before the call. */
  async search(bucket: string, queries: readonly HashQuery[], signal: AbortSignal): Promise<HashMatches[]> {
    await this.#follower.follow(signal);
    const hashes = this.#hashes;
    const found: HashMatches[] = [];
    while (found.length < queries.length) {
      if (found.length > 0) await setImmediate(undefined, { signal });
      // Anew for each slice: other searches take over additions and deletions in between.
      const ofBucket = hashes.of(bucket);
      const count = Math.max(1, Math.floor(SLICE_PAIRS / ofBucket.size));
      found.push(...ofBucket.search(queries.slice(found.length, found.length + count)));
    }
    return found;
  }
}
