import { openStorageReader, type Storage } from '#src/embedded/open-storage.js';
import type { EntryUrl } from '#src/embedded/store/entry-store.js';
import type { EntryRow } from '#src/embedded/store/transfer.js';

/** An entry with all that is known of its URLs. */
export interface StoredEntry extends Omit<EntryRow, 'seq'> {
  origins: EntryUrl[];
}

/** All entries of a storage, by content hash. */
export async function storedEntries(storage: Storage): Promise<StoredEntry[]> {
  const { store, close } = await openStorageReader(storage, {});
  try {
    const rows = await store.transfer.read('entries', null, 100_000);
    const entries = [];
    for (const { seq: _, ...entry } of rows) {
      const origins = await store.entries.inBucket(entry.bucket).findOrigins([entry.contentHash]);
      entries.push({ ...entry, origins: origins.get(entry.contentHash)! });
    }
    const nameOf = ({ contentHash, bucket }: StoredEntry) => `${contentHash} ${bucket}`;
    return entries.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  } finally {
    await close();
  }
}

/** The same without the times at which they were stored, which are others in each run. */
export function withoutStoreTimes(entries: readonly StoredEntry[]): object[] {
  return entries.map(({ createdAt: _, origins, ...entry }) => ({
    ...entry,
    origins: origins.map(({ createdAt: __, ...origin }) => origin),
  }));
}
