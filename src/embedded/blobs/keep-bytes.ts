import type { StagedImage } from '../../services/staged-image.js';
import { announceBlob } from '../store/blob-refs.js';
import type { Store } from '../store/tables.js';
import type { FileBlobs } from './file-blobs.js';

/** Makes bytes durable, before the row that needs them is written; under the lock of their hash. */
export async function keepBytes(
  { store, blobs }: { store: Store; blobs: FileBlobs },
  image: StagedImage,
): Promise<void> {
  if (await blobs.has(image.contentHash, image.size)) return;
  await announceBlob(store, image.contentHash);
  await blobs.put(image);
}
