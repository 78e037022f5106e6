import type { StagedImage } from '../../services/staged-image.js';
import { StorageError } from '../../services/storage-error.js';
import { BytesGoneError, type NewBytes } from '../store/blob-store.js';
import type { StoredBytes } from './read-bytes.js';

/** Each further one means that a sweeper took the bytes between the look at them and the row. */
const MAX_ATTEMPTS = 5;

/**
 * Makes the bytes durable, then writes the row that needs them. When that fails, as on a full disk, the bytes go again
 * unless another row needs them. Under the lock of their hash.
 *
 * @throws StorageError when the bytes never stay until the row is written
 * @param writeRow is given where the bytes have just been written; nothing when the row takes those that are there
 */
export async function writeWithBytes<T>(
  bytes: StoredBytes,
  image: StagedImage,
  writeRow: (written?: NewBytes) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeOnce(bytes, image, writeRow);
    } catch (error) {
      if (!(error instanceof BytesGoneError)) throw error;
      if (attempt === MAX_ATTEMPTS) throw neverKept(error);
    }
  }
}

function neverKept(cause: BytesGoneError): StorageError {
  const options = { code: 'UNAVAILABLE', retryable: true, cause } as const;
  return new StorageError('its bytes were taken away again and again before they were used', options);
}

async function writeOnce<T>(
  { store, blobs }: StoredBytes,
  image: StagedImage,
  writeRow: (written?: NewBytes) => Promise<T>,
): Promise<T> {
  const { contentHash, size } = image;
  const known = await store.blobs.findPlace(contentHash);
  if (known !== null && (await blobs.sizeOf(known)) === size) return writeRow();
  // Noted before they are there, so that bytes left by a kill are found.
  const place = await store.blobs.announce(contentHash);
  await blobs.put(place, image);
  try {
    return await writeRow({ place, ...(known !== null && { replaces: known }) });
  } catch (error) {
    // Nobody waits for what has just taken too long once more. When it fails, the sweeper does it later.
    const takenBack = takeBack({ store, blobs }, contentHash, place).catch(() => {});
    if (!isTimeout(error)) await takenBack;
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'TIMEOUT';
}

async function takeBack({ store, blobs }: StoredBytes, contentHash: string, place: string): Promise<void> {
  if (!(await store.blobs.claim(contentHash, place))) {
    await store.blobs.announceAgain(contentHash, place);
    if (!(await store.blobs.claim(contentHash, place))) return;
  }
  await blobs.remove(place);
  await store.blobs.forget(contentHash, place);
}
