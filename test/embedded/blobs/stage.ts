import { mkdir } from 'node:fs/promises';
import { createFileStaging } from '#src/embedded/staging.js';
import type { StagedImage } from '#src/services/staged-image.js';

/** Stages any bytes in files of a folder, as uploads are; they are never looked at as pictures. */
export async function createStage(folder: string): Promise<(bytes: Uint8Array) => Promise<StagedImage>> {
  const never = () => Promise.reject(new Error('These bytes are no picture.'));
  await mkdir(folder, { recursive: true });
  const staging = await createFileStaging(folder, { read: never, describe: never });
  return (bytes) => staging.stage([bytes]);
}
