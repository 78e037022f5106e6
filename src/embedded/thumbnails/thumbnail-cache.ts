import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a file takes of a disk at least; all sizes are counted in whole blocks, so that small ones are not too many. */
const BLOCK_BYTES = 4096;
/** The time of a read is noted on the disk as often, for the order after a restart. */
const NOTED_EVERY_MS = 60_000;
const UNFINISHED = '.tmp';

export interface ThumbnailCacheOptions {
  /** No other process uses it. It is made with the first file in it. */
  folder: string;
  /** What all files take together at most; 0 keeps none. */
  maxBytes: number;
}

/** A file, by what it takes of the disk. */
interface KeptFile {
  bytes: number;
  readAt: number;
}

/**
 * Files that can be made anew, kept in a folder up to a number of bytes: the least recently read go first. A file is there
 * whole or not at all, whenever the process ends.
 */
export class ThumbnailCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** The least recently read first. */
  readonly #files = new Map<string, KeptFile>();
  #bytes = 0;
  #loaded: Promise<void> | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor({ folder, maxBytes }: ThumbnailCacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** In whole blocks; nothing before the first use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param name of a file: two letters at least, which name its folder */
  async read(name: string): Promise<Buffer | null> {
    await this.#load();
    const file = this.#files.get(name);
    if (!file) return null;
    this.#touch(name, file);
    return readFile(this.#path(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      // It has gone meanwhile, or somebody removed it.
      if (this.#files.get(name) === file) this.#drop(name, file);
      return null;
    });
  }

  /** Room is made before the file is written, so that the folder never takes more than it may. */
  keep(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#keep(name, bytes));
  }

  /** Removes those of these files that are there. */
  forget(names: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#load();
      for (const name of names) {
        const file = this.#files.get(name);
        if (file) await this.#remove(name, file);
      }
    });
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(write);
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.#load();
    const size = inBlocks(bytes.length);
    if (size > this.#maxBytes || this.#files.has(name)) return;
    await this.#makeRoom(size);
    const path = this.#path(name);
    const unfinished = join(dirname(path), `${randomUUID()}${UNFINISHED}`);
    this.#bytes += size;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeWhole(unfinished, bytes);
      await rename(unfinished, path);
    } catch (error) {
      this.#bytes -= size;
      await rm(unfinished, { force: true });
      throw error;
    }
    this.#files.set(name, { bytes: size, readAt: Date.now() });
  }

  #touch(name: string, file: KeptFile): void {
    this.#files.delete(name);
    this.#files.set(name, file);
    const now = Date.now();
    if (now - file.readAt < NOTED_EVERY_MS) return;
    file.readAt = now;
    const seconds = now / 1000;
    // Nothing depends on it but the order after a restart.
    void utimes(this.#path(name), seconds, seconds).catch(() => {});
  }

  async #makeRoom(size: number): Promise<void> {
    for (const [name, file] of this.#files) {
      if (this.#bytes + size <= this.#maxBytes) return;
      await this.#remove(name, file);
    }
  }

  async #remove(name: string, file: KeptFile): Promise<void> {
    this.#files.delete(name);
    await rm(this.#path(name), { force: true });
    this.#bytes -= file.bytes;
  }

  #drop(name: string, { bytes }: KeptFile): void {
    this.#files.delete(name);
    this.#bytes -= bytes;
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#readFolder();
    return this.#loaded;
  }

  /** Finds what an earlier process left, by the time of its last read, and removes what it did not finish. */
  async #readFolder(): Promise<void> {
    const found: (KeptFile & { name: string })[] = [];
    for (const folder of await namesIn(this.#folder)) {
      for (const name of await namesIn(join(this.#folder, folder))) {
        const path = join(this.#folder, folder, name);
        if (name.endsWith(UNFINISHED)) await rm(path, { force: true });
        else {
          const { size, mtimeMs } = await stat(path);
          found.push({ name, bytes: inBlocks(size), readAt: mtimeMs });
        }
      }
    }
    found.sort((a, b) => a.readAt - b.readAt);
    for (const { name, ...file } of found) {
      this.#files.set(name, file);
      this.#bytes += file.bytes;
    }
    await this.#makeRoom(0);
  }

  #path(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }
}

function inBlocks(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BLOCK_BYTES)) * BLOCK_BYTES;
}

/** Without the sync, a file may be empty behind its name after a power cut. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(bytes);
  await file.datasync();
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
}
