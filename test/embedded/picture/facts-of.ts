import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPicture } from '#src/embedded/picture/read-picture.js';
import type { PictureFacts } from '#src/services/staged-image.js';

/** The limit of the original imgcache. */
export const MAX_PIXELS = 178_956_970;

/** Reads the bytes as a picture, in this thread. */
export async function factsOf(bytes: Uint8Array, maxPixels = MAX_PIXELS): Promise<PictureFacts> {
  return withFile(bytes, (path) => readPicture(path, { maxPixels }, async () => {}));
}

/** Calls with the path of a file that holds the bytes. */
export async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-picture-'));
  try {
    const path = join(folder, 'picture');
    await writeFile(path, bytes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
