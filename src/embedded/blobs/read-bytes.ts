import type { Readable } from 'node:stream';
import type { CallSignal } from '../../services/call-signal.js';
import type { ByteRange } from '../../services/entry.js';
import type { Store } from '../store/store.js';
import { type Blobs, MissingBlobError } from './blobs.js';

/** Which bytes there are and where, and the bytes themselves. */
export interface StoredBytes {
  store: Pick<Store, 'blobs'>;
  blobs: Blobs;
}

/**
 * Opens bytes by their content hash.
 * @throws MissingBlobError when they are not where the rows say
 */
export function openBytes(
  bytes: StoredBytes,
  contentHash: string,
  range?: ByteRange,
  signal?: CallSignal,
): Promise<Readable> {
  return readBytes(bytes, contentHash, (place) => bytes.blobs.open(place, range, signal));
}

/**
 * Lets bytes be read from a file of this machine.
 * @throws MissingBlobError when they are not where the rows say
 */
export async function readLocalFile<T>(
  bytes: StoredBytes,
  contentHash: string,
  read: (path: string) => Promise<T>,
): Promise<T> {
  const file = await readBytes(bytes, contentHash, (place) => bytes.blobs.localFile(place));
  try {
    return await read(file.path);
  } finally {
    await file.dispose();
  }
}

/**
 * Reads bytes at their place. They may be written once more at another place, and go from the first, between the look-up and
 * the read.
 * @param found where they are, where that was looked up
 * @throws MissingBlobError when they are not where the rows say
 */
export async function readBytes<T>(
  { store }: StoredBytes,
  contentHash: string,
  read: (place: string) => Promise<T>,
  found?: string,
): Promise<T> {
  const place = found ?? (await store.blobs.findPlace(contentHash));
  if (place === null) throw new MissingBlobError(contentHash);
  try {
    return await read(place);
  } catch (error) {
    if (!(error instanceof MissingBlobError)) throw error;
    const newPlace = await store.blobs.findPlace(contentHash);
    if (newPlace === null || newPlace === place) throw error;
    return read(newPlace);
  }
}
