import type { EntryPosition } from '../../services/entry-order.js';
import type { ClientCount, ClientQuery, EntryFilter, EntryQuery } from '../../services/entry-query.js';
import type { EntryCounts } from '../store/counts.js';
import type { StoreAddress } from '../store/open-store.js';
import type { OnSql } from '../store/sql-report.js';
import type { UrlSearch } from '../store/url-search.js';
import { CallThread } from '../threads/call-thread.js';
import { type FillProgress, FillReport } from './fill-report.js';
import type { HashMatches, HashQuery } from './hash-matches.js';
import type { HashScan } from './similar-hashes.js';

/** A call of the main thread to the reader thread. */
export type ReaderCall =
  | { name: 'scanHashes'; bucket: string; queries: readonly HashQuery[] }
  | { name: 'searchUrls'; bucket: string; query: EntryQuery }
  | { name: 'countEntries'; bucket: string; filter: EntryFilter }
  | { name: 'listClients'; bucket: string; query: ClientQuery };

/** The result of each call, by its name. */
export interface ReaderResults {
  scanHashes: HashMatches[];
  searchUrls: EntryPosition[];
  countEntries: number;
  listClients: ClientCount[];
}

export interface ReaderThreadOptions {
  onSql?: OnSql | undefined;
  /**
   * Takes notices of how far a long first read of all hashes is.
   * @default none
   */
  onNotice?: ((notice: string) => void) | undefined;
}

/** Searches that read very many rows, in a thread with a connection of its own. */
export class ReaderThread implements HashScan, UrlSearch, EntryCounts {
  readonly #thread: CallThread<ReaderCall, ReaderResults, FillProgress>;
  readonly #fill: FillReport;
  #scans = 0;

  /** @param address of a database with its tables */
  constructor(address: StoreAddress, { onSql, onNotice = () => {} }: ReaderThreadOptions = {}) {
    const entry = new URL('./reader-worker.js', import.meta.url);
    const onCall = onSql && ((durationMs: number) => onSql({ kind: 'SCAN', durationMs }));
    this.#fill = new FillReport(onNotice);
    const onFill = (progress: FillProgress) => this.#fill.note(progress);
    this.#thread = new CallThread({ name: 'reader', entry, data: address, onCall, onNotice: onFill });
  }

  /** How many hashes have been read while scans wait for all of them; null when none do. */
  get hashesRead(): number | null {
    return this.#scans > 0 ? this.#fill.read : null;
  }

  /** The matches of each of the queries, among all that was committed before the call. */
  async scanHashes(
    bucket: string,
    queries: readonly HashQuery[],
    signal?: AbortSignal,
  ): Promise<HashMatches[]> {
    this.#scans++;
    try {
      return await this.#thread.call({ name: 'scanHashes', bucket, queries }, signal);
    } finally {
      this.#scans--;
    }
  }

  /** The positions of the entries that the query finds, in its order. */
  searchUrls(bucket: string, query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]> {
    return this.#thread.call({ name: 'searchUrls', bucket, query }, signal);
  }

  countEntries(bucket: string, filter: EntryFilter, signal?: AbortSignal): Promise<number> {
    return this.#thread.call({ name: 'countEntries', bucket, filter }, signal);
  }

  listClients(bucket: string, query: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]> {
    return this.#thread.call({ name: 'listClients', bucket, query }, signal);
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
