import { existsSync } from 'node:fs';
import type { BlobFile } from '../blobs/file-blobs.js';
import type { CheckedFolder, Finding } from './finding.js';

const KNOWN = `
  select content_hash as contentHash from blobs where content_hash in (select value from json_each(?))`;

/**
 * Files of bytes that no table knows. A row is there before its file comes, and until it is gone: who looks for the row,
 * then for the file and then for the row again finds none of these that is being written or removed.
 */
export async function* checkStrayFiles({ database, blobs }: CheckedFolder): AsyncGenerator<Finding> {
  const statement = database.prepare(KNOWN);
  const strays = (files: readonly BlobFile[]) => {
    const rows = statement.all(JSON.stringify(files.map(({ contentHash }) => contentHash)));
    const known = new Set((rows as { contentHash: string }[]).map(({ contentHash }) => contentHash));
    return files.filter(
      ({ contentHash, path }) => path !== blobs.path(contentHash) || !known.has(contentHash),
    );
  };
  for await (const files of blobs.files()) {
    const suspects = strays(files).filter(({ path }) => existsSync(path));
    for (const { path } of strays(suspects)) {
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
