import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import DataLoader from 'dataloader';
import { inBucket } from '../../services/bucket.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ByteRange } from '../../services/entry.js';
import type { ImgCache } from '../../services/imgcache.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import { type LocalFile, MissingBlobError } from '../blobs/blobs.js';
import { openBytes, readBytes, type StoredBytes } from '../blobs/read-bytes.js';

/** A file of this machine with the bytes of a picture, or with the first of them. */
export interface PictureFile extends LocalFile {
  /** Of the whole picture. */
  sizeBytes: number;
  isWhole: boolean;
}

/** The bytes of a service's pictures, for those who need a path. */
export interface PictureFiles {
  /** Where the bytes are, for `open`: those of many pictures are found in one go. Null when there are none. */
  locate(contentHash: string): Promise<string | null>;
  /** @returns null when there are no such bytes */
  open(contentHash: string, options?: OpenOptions): Promise<PictureFile | null>;
  /** @returns null when there are no such bytes */
  stream(
    contentHash: string,
    range?: ByteRange,
    signal?: CallSignal,
    bucket?: string,
  ): Promise<Readable | null>;
}

export interface OpenOptions {
  /**
   * As many bytes from the beginning are enough.
   * @default all are needed
   */
  enough?: number | undefined;
  /**
   * As `locate` gave it.
   * @default it is looked up
   */
  place?: string | undefined;
  signal?: CallSignal | undefined;
  /**
   * Of an entry.
   * @default the bucket of calls that name none
   */
  bucket?: string | undefined;
}

/** The bytes that the embedded services keep. */
export function storedFiles(bytes: StoredBytes): PictureFiles {
  const places = new DataLoader<string, string | null>(
    async (contentHashes) => {
      const found = await bytes.store.blobs.findPlaces(contentHashes);
      return contentHashes.map((hash) => found.get(hash) ?? null);
    },
    { cache: false },
  );
  return {
    locate: (contentHash) => places.load(contentHash),
    open: (contentHash, { signal, enough, place: known } = {}) => {
      const open = async (place: string) => {
        const sizeBytes = await bytes.blobs.sizeOf(place);
        if (sizeBytes === null) throw new MissingBlobError(place);
        const part = enough !== undefined && enough < sizeBytes ? enough : undefined;
        const file = await bytes.blobs.localFile(place, signal, part);
        return { ...file, sizeBytes, isWhole: part === undefined };
      };
      return readBytes(bytes, contentHash, open, known);
    },
    stream: (contentHash, range, signal) => openBytes(bytes, contentHash, range, signal),
  };
}

export interface FetchedFilesOptions {
  /** A folder of this process. */
  folder: string;
  /** Of a picture that is fetched whole. */
  maxBytes: number;
}

/**
 * The bytes of a remote imgcache, fetched into a file for each reader.
 * `open` throws a TooManyBytesError when a picture has more bytes than are fetched.
 */
export function fetchedFiles(imgcache: ImgCache, { folder, maxBytes }: FetchedFilesOptions): PictureFiles {
  return {
    locate: async (contentHash) => contentHash,
    async open(contentHash, { signal, enough, bucket } = {}) {
      const range = enough === undefined ? undefined : { start: 0, end: enough - 1 };
      const bytes = await inBucket(imgcache, bucket).getBytes(contentHash, range, signal);
      if (!bytes) return null;
      const { stream, fileSizeBytes: sizeBytes } = bytes;
      if (enough === undefined && sizeBytes > maxBytes) {
        stream.destroy();
        throw new TooManyBytesError(maxBytes);
      }
      const path = join(folder, `${randomUUID()}.tmp`);
      const dispose = () => rm(path, { force: true });
      try {
        await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        return { path, dispose, sizeBytes, isWhole: enough === undefined || enough >= sizeBytes };
      } catch (error) {
        await dispose();
        throw error;
      }
    },
    stream: async (contentHash, range, signal, bucket) =>
      (await inBucket(imgcache, bucket).getBytes(contentHash, range, signal))?.stream ?? null,
  };
}
