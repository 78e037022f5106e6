import type { StagedImage } from '../../services/staged-image.js';
import type { Store } from '../store/store.js';
import type { FileBlobs } from './file-blobs.js';

interface Place {
  store: Store;
  blobs: FileBlobs;
}

/**
 * Makes the bytes durable, then writes the row that needs them. When that fails, as on a full disk, the bytes go again
 * unless another row needs them. Under the lock of their hash.
 */
export async function writeWithBytes<T>(
  { store, blobs }: Place,
  image: StagedImage,
  writeRow: () => Promise<T>,
): Promise<T> {
  const { contentHash, size } = image;
  if (await blobs.has(contentHash, size)) return writeRow();
  // Noted before they are there, so that bytes left by a kill are found at the next start.
  await store.blobs.announce(contentHash);
  await blobs.put(image);
  try {
    return await writeRow();
  } catch (error) {
    // When taking back fails for the same reason, the next start does it.
    await takeBack({ store, blobs }, contentHash).catch(() => {});
    throw error;
  }
}

async function takeBack({ store, blobs }: Place, contentHash: string): Promise<void> {
  if (!(await store.blobs.isReleased(contentHash))) return;
  await blobs.remove(contentHash);
  await store.blobs.forget(contentHash);
}
