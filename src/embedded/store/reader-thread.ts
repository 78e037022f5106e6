import type { EntryPosition, EntryQuery } from '../../services/imgcache.js';
import type { HashMatches, HashQuery } from '../search/hash-matches.js';
import type { HashScan } from '../search/similar-hashes.js';
import { CallThread } from '../threads/call-thread.js';
import type { ReaderAnswers, ReaderCall } from './reader-protocol.js';
import type { OnSql } from './sql-report.js';

/** Searches that read very many rows, in a thread with a connection of its own. */
export class ReaderThread implements HashScan {
  readonly #thread: CallThread<ReaderCall, ReaderAnswers>;

  /** @param databasePath a SQLite file in WAL mode, with its tables */
  constructor(databasePath: string, onSql?: OnSql) {
    const entry = new URL('./reader-worker.js', import.meta.url);
    const onCall = onSql && ((durationMs: number) => onSql({ kind: 'SCAN', durationMs }));
    this.#thread = new CallThread({ name: 'reader', entry, data: databasePath, onCall });
  }

  /** What each of the queries finds, among it all that was committed before the call. */
  scanHashes(queries: readonly HashQuery[], signal?: AbortSignal): Promise<HashMatches[]> {
    return this.#thread.call({ name: 'scanHashes', queries }, signal);
  }

  /** The places of the entries that the query finds, in its order. */
  searchUrls(query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]> {
    return this.#thread.call({ name: 'searchUrls', query }, signal);
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
