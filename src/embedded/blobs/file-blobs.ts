import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { isContentHash } from '../../services/content-hash.js';
import type { StagedImage } from '../../services/staged-image.js';
import { syncFolder } from '../staging.js';

export interface BlobFile {
  contentHash: string;
  path: string;
}

/** Bytes under their content hash, in files: `ab/cd/abcd….` */
export class FileBlobs {
  readonly #folder: string;
  readonly #madeFolders = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(contentHash: string): string {
    return join(this.#folder, contentHash.slice(0, 2), contentHash.slice(2, 4), contentHash);
  }

  /** True when the file is there and whole. */
  async has(contentHash: string, size: number): Promise<boolean> {
    const found = await stat(this.path(contentHash)).catch(() => null);
    return found?.size === size;
  }

  /** Durable when it returns. A file that is there is replaced by the same bytes in one step. */
  async put(image: StagedImage): Promise<void> {
    const path = this.path(image.contentHash);
    await this.#makeFolder(dirname(path));
    await image.moveTo(path);
  }

  /** @param range first and last byte, both included */
  async open(contentHash: string, range?: { start: number; end: number }): Promise<Readable> {
    const file = await open(this.path(contentHash));
    return file.createReadStream(range);
  }

  /** Durable when it returns. */
  async remove(contentHash: string): Promise<void> {
    const path = this.path(contentHash);
    const removed = await rm(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    if (removed) await syncFolder(dirname(path));
  }

  /** Every file under the name of a content hash, folder by folder; those in the wrong folder too. */
  async *files(): AsyncGenerator<readonly BlobFile[]> {
    for (const outer of await foldersIn(this.#folder)) {
      for (const inner of await foldersIn(outer)) {
        const found = await readdir(inner, { withFileTypes: true });
        yield found
          .filter((entry) => entry.isFile() && isContentHash(entry.name))
          .map(({ name }) => ({ contentHash: name, path: join(inner, name) }));
      }
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#madeFolders.has(path)) return;
    await mkdir(path, { recursive: true });
    await syncFolder(dirname(path));
    await syncFolder(dirname(dirname(path)));
    this.#madeFolders.add(path);
  }
}

/** None of a folder that is not there: it is made with the first file in it. */
async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
}
