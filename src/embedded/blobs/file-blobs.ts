import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  open,
  read,
  type Stats,
  statSync,
} from 'node:fs';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { CallSignal } from '../../services/call-signal.js';
import { isContentHash } from '../../services/content-hash.js';
import type { ByteRange } from '../../services/entry.js';
import type { StagedImage } from '../../services/staged-image.js';
import { WholeBytes } from '../../services/whole-bytes.js';
import { syncFolder } from '../durable.js';
import { type Blobs, type LocalFile, MissingBlobError, type StoredObject } from './blobs.js';
import { ReadBuffers } from './read-buffers.js';

/** Most pictures are read at once: each read goes through another thread, and takes as long as sending 64 KiB. */
const CHUNK_BYTES = 256 * 1024;

const openFile = promisify(open);
const readFile = promisify(read);

/** Bytes in files. Their place is their content hash: `ab/cd/abcd…`; that of a file in the wrong folder is its path. */
export class FileBlobs implements Blobs {
  readonly #folder: string;
  /** Folders whose names are durable, as far as this process knows. */
  readonly #madeFolders = new Set<string>();
  readonly #buffers = new ReadBuffers();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(place: string): string {
    return isContentHash(place)
      ? join(this.#folder, place.slice(0, 2), place.slice(2, 4), place)
      : join(this.#folder, place);
  }

  async sizeOf(place: string): Promise<number | null> {
    const found = statOf(this.path(place));
    return found?.isFile() ? found.size : null;
  }

  async put(place: string, image: StagedImage): Promise<void> {
    const path = this.path(place);
    const folder = dirname(path);
    if (this.#madeFolders.has(folder)) return image.moveTo(path);
    await mkdir(folder, { recursive: true });
    // All of it may go to the disk at once: nothing counts before the last of it is there.
    const above = this.#syncFoldersAbove(folder);
    const moved = image.moveTo(path);
    await Promise.allSettled([above, moved]);
    await Promise.all([above, moved]);
    this.#madeFolders.add(folder);
  }

  async open(place: string, range?: ByteRange, signal?: CallSignal): Promise<Readable> {
    signal?.throwIfAborted();
    const path = this.path(place);
    const fd = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new MissingBlobError(place, { cause: error }) : error;
    });
    let whole: WholeBytes | null;
    try {
      whole = await readAtOnce(fd, range, this.#buffers);
      // The stream closes the file.
      if (!whole) return createReadStream(path, { fd, start: 0, ...range, highWaterMark: CHUNK_BYTES });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
    return whole;
  }

  async remove(place: string): Promise<void> {
    const path = this.path(place);
    const removed = await rm(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    if (removed) await syncFolder(dirname(path));
  }

  async localFile(place: string): Promise<LocalFile> {
    if ((await this.sizeOf(place)) === null) throw new MissingBlobError(place);
    return { path: this.path(place), dispose: async () => {} };
  }

  /** Folder by folder; files in the wrong folder too. */
  async *list(): AsyncGenerator<readonly StoredObject[]> {
    for (const outer of await foldersIn(this.#folder)) {
      for (const inner of await foldersIn(outer)) {
        const found = await readdir(inner, { withFileTypes: true });
        yield found
          .filter((entry) => entry.isFile() && isContentHash(entry.name))
          .map(({ name }) => ({
            place: this.#placeOf(join(inner, name)),
            contentHash: name,
            modifiedAt: null,
          }));
      }
    }
  }

  nameOf(place: string): string {
    return this.path(place);
  }

  /** Moves the file into the folder `set-aside` beside that of the bytes, under its name or a longer one. */
  async setAside(place: string): Promise<string> {
    const path = this.path(place);
    const folder = join(dirname(this.#folder), 'set-aside');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = basename(path);
    let target = join(folder, name);
    for (let copy = 2; existsSync(target); copy++) target = join(folder, `${name}.${copy}`);
    await rename(path, target);
    await syncFolder(folder);
    await syncFolder(dirname(path));
    return target;
  }

  async probe(): Promise<void> {
    await access(this.#folder, constants.R_OK | constants.W_OK);
  }

  #placeOf(path: string): string {
    const name = basename(path);
    return path === this.path(name) ? name : relative(this.#folder, path);
  }

  /** A folder's name is in the folder above it, and there are few of these. */
  async #syncFoldersAbove(folder: string): Promise<void> {
    const above = dirname(folder);
    const isKnown = this.#madeFolders.has(above);
    await Promise.all([syncFolder(above), ...(isKnown ? [] : [syncFolder(dirname(above))])]);
    this.#madeFolders.add(above);
  }
}

/**
 * The bytes of an open file as far as they are wanted; null where these are more than one chunk. Each turn of another thread
 * takes as long as sending half of a small picture: asking an open file for its size, and closing it, need none.
 */
async function readAtOnce(
  fd: number,
  range: ByteRange | undefined,
  buffers: ReadBuffers,
): Promise<WholeBytes | null> {
  const { size } = fstatSync(fd);
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = Math.max(0, Math.min(end, size - 1) - start + 1);
  if (length > CHUNK_BYTES) return null;
  const buffer = buffers.take(length);
  const { bytesRead } = await readFile(fd, buffer, 0, length, start);
  if (bytesRead === length) return new WholeBytes(buffer.subarray(0, length), () => buffers.giveBack(buffer));
  buffers.giveBack(buffer);
  return null;
}

/** Where there is nothing, as for new bytes, being told so by another thread takes longer than finding out. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
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
