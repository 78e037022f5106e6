import type { StagedImage } from '../../services/staged-image.js';
import { hasBlobRef } from '../store/blob-refs.js';
import type { Store } from '../store/tables.js';
import type { FileBlobs } from './file-blobs.js';

/**
 * Makes the bytes durable, then writes the row that needs them. When that fails, as on a full disk, the bytes go again
 * unless another row needs them. Under the lock of their hash.
 */
export async function writeWithBytes<T>(
  { store, blobs }: { store: Store; blobs: FileBlobs },
  image: StagedImage,
  writeRow: () => Promise<T>,
): Promise<T> {
  const { contentHash, size } = image;
  if (await blobs.has(contentHash, size)) return writeRow();
  await blobs.put(image);
  try {
    return await writeRow();
  } catch (error) {
    const isNeeded = await hasBlobRef(store, contentHash).catch(() => true);
    if (!isNeeded) await blobs.remove(contentHash);
    throw error;
  }
}
