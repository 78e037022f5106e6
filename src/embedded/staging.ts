import { randomUUID } from 'node:crypto';
import { closeSync, createReadStream, open } from 'node:fs';
import { copyFile, link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createBLAKE2b, createBLAKE3, type IHasher } from 'hash-wasm';
import type {
  DescriptionUse,
  PictureDescription,
  PictureFacts,
  StagedImage,
  Staging,
} from '../services/staged-image.js';
import { syncBytes, syncFolder } from './durable.js';
import { receive } from './receive.js';

const openFile = promisify(open);

/** Decodes the picture in a file. */
export interface PictureReader {
  read(path: string): Promise<PictureFacts>;
  /**
   * Null when the picture cannot be decoded.
   * @param use @default 'KEPT'
   */
  describe(path: string, use?: DescriptionUse): Promise<PictureDescription | null>;
}

/**
 * Staging in files of a folder of this process, which must lie on the file system that the bytes are kept on.
 * @param expectsBlake3 whether bytes that come now will be asked for their BLAKE3
 */
export function createFileStaging(
  folder: string,
  pictures: PictureReader,
  expectsBlake3: () => boolean = () => false,
): Staging {
  const hashers = new HasherPool();
  const blake3 = new HasherPool(createBLAKE3);
  const parts = { pictures, newPath: newPath.bind(null, folder), blake3 };

  return {
    async stage(bytes, { maxBytes = Number.POSITIVE_INFINITY, signal } = {}) {
      const path = newPath(folder);
      const fd = await openFile(path, 'wx');
      try {
        const pools = expectsBlake3() ? [hashers, blake3] : [hashers];
        const received = await useEach(pools, async (all) => {
          const size = await receive(bytes, fd, all, { maxBytes, signal });
          const [contentHash, second] = all.map((hasher) => hasher.digest('hex'));
          return { contentHash: contentHash!, size, blake3: second };
        });
        return new StagedFile(path, fd, received, parts);
      } catch (error) {
        closeSync(fd);
        await rm(path, { force: true });
        throw error;
      }
    },
  };
}

function newPath(folder: string): string {
  return join(folder, `${randomUUID()}.tmp`);
}

interface Received {
  contentHash: string;
  size: number;
  /** Undefined where it was not expected to be needed. */
  blake3: string | undefined;
}

/** Instances of a hash cost a WebAssembly memory each, so they are used again. */
export class HasherPool {
  readonly #create: () => Promise<IHasher>;
  readonly #idle: IHasher[] = [];

  /** @param create @default BLAKE2b-256 */
  constructor(create: () => Promise<IHasher> = () => createBLAKE2b(256)) {
    this.#create = create;
  }

  async use<T>(work: (hasher: IHasher) => Promise<T>): Promise<T> {
    const hasher = this.#idle.pop() ?? (await this.#create());
    try {
      return await work(hasher.init());
    } finally {
      this.#idle.push(hasher);
    }
  }
}

/** Uses a hasher of each pool. */
function useEach<T>(
  [pool, ...others]: readonly HasherPool[],
  work: (hashers: readonly IHasher[]) => Promise<T>,
): Promise<T> {
  return pool ? pool.use((hasher) => useEach(others, (all) => work([hasher, ...all]))) : work([]);
}

interface StagedFileParts {
  pictures: PictureReader;
  newPath: () => string;
  blake3: HasherPool;
}

class StagedFile implements StagedImage {
  readonly contentHash: string;
  readonly size: number;
  #path: string;
  #moved = false;
  #isDisposed = false;
  /** Whether its file has, or had, another name. */
  #isLinked = false;
  #moving: Promise<void> | undefined;
  #facts: Promise<PictureFacts> | undefined;
  readonly #descriptions = new Map<DescriptionUse, Promise<PictureDescription | null>>();
  readonly #fd: number;
  readonly #parts: StagedFileParts;
  #blake3: Promise<string> | undefined;

  constructor(path: string, fd: number, { contentHash, size, blake3 }: Received, parts: StagedFileParts) {
    this.contentHash = contentHash;
    this.size = size;
    this.#path = path;
    this.#fd = fd;
    this.#blake3 = blake3 === undefined ? undefined : Promise.resolve(blake3);
    this.#parts = parts;
  }

  blake3(): Promise<string> {
    this.#blake3 ??= this.#parts.blake3.use(async (hasher) => {
      await this.#moving;
      for await (const chunk of this.stream()) hasher.update(chunk);
      return hasher.digest('hex');
    });
    return this.#blake3;
  }

  facts(): Promise<PictureFacts> {
    this.#facts ??= this.#decode((path) => this.#parts.pictures.read(path));
    return this.#facts;
  }

  description(use: DescriptionUse): Promise<PictureDescription | null> {
    const known = this.#descriptions.get(use);
    if (known !== undefined) return known;
    const facts = this.facts();
    const describing = this.#decode(async (path) => {
      // Whether it is a picture is judged once.
      const { width } = await facts;
      return width === null ? null : this.#parts.pictures.describe(path, use);
    });
    this.#descriptions.set(use, describing);
    return describing;
  }

  async #decode<T>(read: (path: string) => Promise<T>): Promise<T> {
    await this.#moving;
    return read(this.#path);
  }

  stream(): Readable {
    return createReadStream(this.#path);
  }

  async share(): Promise<StagedImage> {
    await this.#moving;
    const path = this.#parts.newPath();
    // Not every file system has hard links.
    await link(this.#path, path).catch(() => copyFile(this.#path, path));
    const blake3 = await this.#blake3;
    const { contentHash, size } = this;
    const shared = new StagedFile(
      path,
      await openFile(path, 'r+'),
      { contentHash, size, blake3 },
      this.#parts,
    );
    this.#isLinked = true;
    shared.#isLinked = true;
    return shared;
  }

  moveTo(path: string): Promise<void> {
    this.#moving = this.#move(path);
    return this.#moving;
  }

  async #move(path: string): Promise<void> {
    // A decoder that is at work, or waits for its turn, has the present path.
    await Promise.allSettled([this.#facts, ...this.#descriptions.values()]);
    await syncBytes(this.#fd);
    await rename(this.#path, path);
    // Where both were names of one file, rename leaves them so.
    if (this.#isLinked) await rm(this.#path, { force: true });
    this.#path = path;
    this.#moved = true;
    await syncFolder(dirname(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    // What is being synced must not become another file.
    await this.#moving?.catch(() => {});
    closeSync(this.#fd);
    if (!this.#moved) await rm(this.#path, { force: true });
  }
}
