import type { Store } from '../../embedded/store/store.js';
import type { EntryRow, RowKey } from '../../embedded/store/transfer.js';
import type { Entry } from '../../services/entry.js';

/** An entry as it is exported. */
export type ExportedEntry = Omit<Entry, 'urls' | 'brief'>;

/** How many entries are read at a time. */
export const PAGE = 500;

/** All entries in the order in which they were stored, in batches. */
export async function* storedEntries({ transfer }: Store): AsyncGenerator<readonly ExportedEntry[]> {
  let after: RowKey | null = null;
  for (;;) {
    const rows: readonly EntryRow[] = await transfer.read('entries', after, PAGE);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.seq;
  }
}
