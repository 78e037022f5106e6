import { existsSync } from 'node:fs';
import type { BlobFile } from '../blobs/file-blobs.js';
import type { CheckedFolder, Finding } from './finding.js';

/**
 * Files of bytes that no table knows. A row is there before its file comes, and until it is gone: who looks for the row,
 * then for the file and then for the row again finds none of these that is being written or removed.
 */
export async function* checkStrayFiles({ store, blobs }: CheckedFolder): AsyncGenerator<Finding> {
  const strays = async (files: readonly BlobFile[]) => {
    const known = await store.audit.knownBytes(files.map(({ contentHash }) => contentHash));
    return files.filter(
      ({ contentHash, path }) => path !== blobs.path(contentHash) || !known.has(contentHash),
    );
  };
  for await (const files of blobs.files()) {
    const suspects = (await strays(files)).filter(({ path }) => existsSync(path));
    for (const { path } of await strays(suspects)) {
      yield {
        kind: 'stray-file',
        problem: `Nothing knows of the file ${path}.`,
        remedy: 'It is set aside.',
        async repair({ setAside }) {
          await setAside.file(path);
        },
      };
    }
  }
}
