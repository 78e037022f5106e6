import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { StagedImage } from '../../services/staged-image.js';
import { syncFolder } from '../staging.js';

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

  async remove(contentHash: string): Promise<void> {
    await rm(this.path(contentHash), { force: true });
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#madeFolders.has(path)) return;
    await mkdir(path, { recursive: true });
    await syncFolder(dirname(path));
    await syncFolder(dirname(dirname(path)));
    this.#madeFolders.add(path);
  }
}
