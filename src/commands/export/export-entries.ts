import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Blobs, CorruptBlobError, MissingBlobError } from '../../embedded/blobs/blobs.js';
import { openBytes } from '../../embedded/blobs/read-bytes.js';
import { HasherPool } from '../../embedded/staging.js';
import type { EntryStore, EntryUrl } from '../../embedded/store/entry-store.js';
import type { Store } from '../../embedded/store/store.js';
import { mapConcurrently } from '../../request/map-concurrently.js';
import { formatRfc3339 } from '../../services/timestamp.js';
import { groupBy } from '../import/batches.js';
import { LIST_HEAD, listLine, notesFields } from '../import/list.js';
import type { ExportedEntry } from './stored-entries.js';

/** The list of all URLs, in the folder of an export. */
export const LIST_FILE = 'entries.tsv';

const CONCURRENCY = 4;

export interface ExportParts {
  store: Store;
  blobs: Blobs;
  folder: string;
  entries: AsyncIterable<readonly ExportedEntry[]>;
  /** Told how many entries are done. */
  onProgress(done: number): void;
}

export interface Exported {
  entries: number;
  urls: number;
  /** Files that were not there before. */
  written: number;
  /** A sentence for each entry that is not exported. */
  problems: readonly string[];
}

/** Writes the bytes that are missing in the folder, and the list anew; the old one stays until the new one is whole. */
export async function exportEntries({
  folder,
  entries,
  onProgress,
  ...bytes
}: ExportParts): Promise<Exported> {
  const problems: string[] = [];
  const counts = { entries: 0, urls: 0, written: 0 };
  let done = 0;
  await mkdir(folder, { recursive: true });
  const part = join(folder, `${LIST_FILE}.part`);
  const list = await open(part, 'w');
  try {
    await list.writeFile(LIST_HEAD);
    for await (const batch of entries) {
      // The same bytes may have entries in several buckets.
      const writes = new Map<string, Promise<string | null>>();
      const files = await mapConcurrently(batch, CONCURRENCY, async (entry) => {
        const file = fileOf(entry);
        const write = writes.get(file) ?? writeFile(bytes, entry, join(folder, file), counts);
        writes.set(file, write);
        const problem = await write;
        onProgress(++done);
        if (problem === null) return file;
        // It may have been deleted since it was listed.
        const isThere = (await entriesOf(bytes, entry).find([entry.contentHash])).size > 0;
        if (isThere) problems.push(problem);
        return null;
      });
      const origins = await originsOf(bytes, batch);
      for (const [at, entry] of batch.entries()) {
        const file = files[at];
        if (!file) continue;
        const lines = linesOf(entry, file, origins.get(entry)!);
        counts.entries++;
        counts.urls += lines.length;
        await list.writeFile(lines.join(''));
      }
    }
    await list.sync();
  } finally {
    await list.close();
  }
  await rename(part, join(folder, LIST_FILE));
  return { ...counts, problems };
}

function entriesOf({ store }: Pick<ExportParts, 'store'>, { bucket = '' }: ExportedEntry): EntryStore {
  return store.entries.inBucket(bucket);
}

/** What is known of each URL of the entries. */
async function originsOf(
  bytes: Pick<ExportParts, 'store'>,
  batch: readonly ExportedEntry[],
): Promise<Map<ExportedEntry, readonly EntryUrl[]>> {
  const origins = new Map<ExportedEntry, readonly EntryUrl[]>();
  for (const inBucket of groupBy(batch, ({ bucket }) => bucket).values()) {
    const hashes = inBucket.map(({ contentHash }) => contentHash);
    const found = await entriesOf(bytes, inBucket[0]!).findOrigins(hashes);
    for (const entry of inBucket) origins.set(entry, found.get(entry.contentHash)!);
  }
  return origins;
}

/** Endings of names, so that other programs know the files. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/bmp': 'bmp',
  'image/tiff': 'tif',
  'image/x-icon': 'ico',
  'image/svg+xml': 'svg',
};

function fileOf({ contentHash, contentType }: ExportedEntry): string {
  return `${contentHash.slice(0, 2)}/${contentHash}.${ENDINGS[contentType] ?? 'bin'}`;
}

/** The entry's own URL comes first, as it is the one that names it. */
function linesOf(entry: ExportedEntry, file: string, origins: readonly EntryUrl[]): string[] {
  const others = origins.filter(({ url }) => url !== entry.url);
  return [entry, ...others].map(({ url, clientName, lookupTime, createdAt }) =>
    listLine({
      url,
      file,
      clientName,
      lookupTime: formatRfc3339(lookupTime),
      filename: entry.originalFilename ?? '',
      createdAt: formatRfc3339(createdAt),
      contentHash: entry.contentHash,
      ...(entry.bucket && { bucket: entry.bucket }),
      ...notesFields(entry),
    }),
  );
}

/** @returns why it cannot be written; null where it is there */
async function writeFile(
  bytes: Pick<ExportParts, 'store' | 'blobs'>,
  { contentHash, fileSizeBytes }: ExportedEntry,
  path: string,
  counts: { written: number },
): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found?.size === fileSizeBytes) return null;
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  try {
    const stream = await openBytes(bytes, contentHash);
    if ((await copy(stream, part)) !== contentHash)
      return `The bytes of ${contentHash} are others than they were.`;
    await rename(part, path);
    counts.written++;
    return null;
  } catch (error) {
    if (!(error instanceof MissingBlobError || error instanceof CorruptBlobError)) throw error;
    return `The bytes of ${contentHash} cannot be read: ${error.message}`;
  } finally {
    await rm(part, { force: true });
  }
}

const hashers = new HasherPool();

/** @returns the content hash of what was written */
function copy(stream: Readable, path: string): Promise<string> {
  return hashers.use(async (hasher) => {
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hasher.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(stream, hashing, createWriteStream(path));
    return hasher.digest('hex');
  });
}
