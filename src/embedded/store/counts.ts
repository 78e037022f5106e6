import type { ClientCount, ClientQuery, EntryFilter } from '../../services/imgcache.js';

/** Counts of entries, which may read very many rows. */
export interface EntryCounts {
  /** How many entries the filter selects. */
  countEntries(filter: EntryFilter, signal?: AbortSignal): Promise<number>;
  /** The clients with the most entries first, then by name. */
  listClients(query: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]>;
}
