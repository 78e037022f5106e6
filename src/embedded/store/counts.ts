import type { ClientCount, ClientQuery, EntryFilter } from '../../services/entry-query.js';

/** Counts of the entries of a bucket, which may read very many rows. */
export interface EntryCounts {
  /** How many entries the filter selects. */
  countEntries(bucket: string, filter: EntryFilter, signal?: AbortSignal): Promise<number>;
  /** The clients with the most entries first, then by name. */
  listClients(bucket: string, query: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]>;
}
