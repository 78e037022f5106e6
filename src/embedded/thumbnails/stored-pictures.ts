import type { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { ConcurrencyLimit } from '../../calls/concurrency-limit.js';
import { Fault } from '../../calls/fault.js';
import { relay } from '../../calls/relay.js';
import { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ByteRange } from '../../services/entry.js';
import type { ServiceError, ServiceName } from '../../services/errors.js';
import {
  type PictureSource,
  type Pictures,
  type StoredPicture,
  THUMBNAIL_FORMATS,
  THUMBNAIL_WIDTHS,
  type ThumbnailKind,
  TooManyThumbnailsError,
} from '../../services/pictures.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import { StorageError } from '../../services/storage-error.js';
import type { PicturePool } from '../picture/picture-pool.js';
import type { OpenOptions, PictureFile, PictureFiles } from './picture-files.js';
import type { ThumbnailCache } from './thumbnail-cache.js';

/** So many are fetched or made at a time. */
const MAX_RUNNING = 4;
const MAX_WAITING = 50;
/** Headers are short, and a list asks for many at once. */
const MAX_HEADERS_AT_ONCE = 8;
/** The headers of nearly all pictures end before. */
const HEADER_BYTES = 256 * 1024;
/** About 300 bytes each. */
const REMEMBERED_PICTURES = 50_000;
/** A part of the name of a kept thumbnail, to be raised when they are made in another way. */
const RECIPE = 1;

/** What became of a request for a thumbnail; UNDECODABLE: there is no picture to make it of, REFUSED: too many wait. */
export type ThumbnailOutcome = 'MADE' | 'CACHED' | 'UNDECODABLE' | 'REFUSED' | 'FAILED';

export interface StoredPicturesOptions {
  pictures: Pick<PicturePool, 'shape' | 'thumbnail'>;
  /** Of each service; null for one that gives no bytes. */
  files: Readonly<Record<ServiceName, PictureFiles | null>>;
  cache: ThumbnailCache;
  /** Told of each thumbnail at the end; those who ask for the same one at the same time count once. */
  onThumbnail?: ((outcome: ThumbnailOutcome) => void) | undefined;
  /** Takes the failure to keep a thumbnail, which nobody else notices. */
  onError(error: unknown): void;
}

/** The pictures of both services: what is known of them, and thumbnails that are made when they are first asked for. */
export class StoredPictures implements Pictures {
  readonly #options: StoredPicturesOptions;
  readonly #reads = new SharedReads();
  readonly #making = new ConcurrencyLimit(MAX_RUNNING, MAX_WAITING);
  readonly #reading = new ConcurrencyLimit(MAX_HEADERS_AT_ONCE, Number.POSITIVE_INFINITY);
  /** By content hash: what a hash names never changes. */
  readonly #known = new LRUCache<string, { picture: StoredPicture | null }>({ max: REMEMBERED_PICTURES });

  constructor(options: StoredPicturesOptions) {
    this.#options = options;
  }

  /** How many thumbnails wait for others. */
  get waiting(): number {
    return this.#making.queued;
  }

  /** What the kept thumbnails take of the disk. */
  get keptBytes(): number {
    return this.#options.cache.bytes;
  }

  async find(source: PictureSource, signal?: CallSignal): Promise<StoredPicture | null> {
    const { contentHash } = source;
    const known = this.#known.get(contentHash);
    if (known) return known.picture;
    return this.#reads.read(
      `${placeOf(source)} ${contentHash}`,
      (shared) => this.#find(source, shared),
      signal,
    );
  }

  async #find(source: PictureSource, signal: CallSignal): Promise<StoredPicture | null> {
    const place = await this.#locate(source);
    if (place === null) return null;
    return this.#within(this.#reading, signal, async () => {
      const found =
        (await this.#readHeader(source, { signal, place, enough: HEADER_BYTES })) ??
        (await this.#readHeader(source, { signal, place }));
      if (found) this.#known.set(source.contentHash, found);
      return found?.picture ?? null;
    });
  }

  /** Null where the beginning of the picture does not tell, or there is no such picture. */
  #readHeader(
    source: PictureSource,
    options: OpenOptions,
  ): Promise<{ picture: StoredPicture | null } | null> {
    return this.#withFile(source, options, async ({ path, sizeBytes, isWhole }) => {
      const shape = await this.#options.pictures.shape(path, isWhole);
      if (shape) return { picture: { ...shape, fileSizeBytes: sizeBytes } };
      return isWhole ? { picture: null } : null;
    });
  }

  async open(
    { service, contentHash, bucket }: PictureSource,
    range?: ByteRange,
    signal?: CallSignal,
  ): Promise<Readable | null> {
    try {
      const stream = await this.#options.files[service]?.stream(contentHash, range, signal, bucket);
      return stream ? relay(stream, (error) => own(error, service)) : null;
    } catch (error) {
      throw own(error, service);
    }
  }

  async thumbnail(
    source: PictureSource,
    kind: ThumbnailKind,
    signal?: CallSignal,
  ): Promise<Uint8Array | null> {
    const name = keptName(source.contentHash, kind);
    return this.#reads.read(
      `${placeOf(source)} ${name}`,
      (shared) => this.#readOrMake(name, source, kind, shared),
      signal,
    );
  }

  async #readOrMake(
    name: string,
    source: PictureSource,
    kind: ThumbnailKind,
    signal: CallSignal,
  ): Promise<Uint8Array | null> {
    const { cache, onThumbnail } = this.#options;
    let outcome: ThumbnailOutcome = 'FAILED';
    try {
      const kept = await cache.read(name);
      if (kept) {
        outcome = 'CACHED';
        return kept;
      }
      const made = await this.#make(source, kind, signal);
      outcome = made ? 'MADE' : 'UNDECODABLE';
      // Waited for, so that whoever asks next finds it.
      if (made) await cache.keep(name, made).catch(this.#options.onError);
      return made;
    } catch (error) {
      if (error instanceof TooManyThumbnailsError) outcome = 'REFUSED';
      throw error;
    } finally {
      onThumbnail?.(outcome);
    }
  }

  #make(source: PictureSource, kind: ThumbnailKind, signal: CallSignal): Promise<Uint8Array | null> {
    return this.#within(this.#making, signal, () =>
      this.#withFile(source, { signal }, ({ path }) => this.#options.pictures.thumbnail(path, kind)),
    );
  }

  /** @throws TooManyThumbnailsError when too many wait */
  async #within<T>(limit: ConcurrencyLimit, signal: CallSignal, work: () => Promise<T>): Promise<T> {
    try {
      if (!limit.tryEnter()) await limit.wait(signal);
    } catch (error) {
      throw error instanceof Fault ? new TooManyThumbnailsError(MAX_WAITING) : error;
    }
    try {
      return await work();
    } finally {
      limit.leave();
    }
  }

  async #locate({ service, contentHash }: PictureSource): Promise<string | null> {
    try {
      return (await this.#options.files[service]?.locate(contentHash)) ?? null;
    } catch (error) {
      throw own(error, service);
    }
  }

  /** Null when there are no such bytes, or more than are fetched. */
  async #withFile<T>(
    { service, contentHash, bucket }: PictureSource,
    options: OpenOptions,
    read: (file: PictureFile) => Promise<T | null>,
  ): Promise<T | null> {
    try {
      const file = await this.#options.files[service]?.open(contentHash, { ...options, bucket });
      if (!file) return null;
      try {
        return await read(file);
      } finally {
        await file.dispose();
      }
    } catch (error) {
      if (error instanceof TooManyBytesError) return null;
      throw own(error, service);
    }
  }
}

/** Where bytes are asked for: those of one content hash need not be in every bucket. */
function placeOf({ service, bucket }: PictureSource): string {
  return bucket === undefined ? service : JSON.stringify([service, bucket]);
}

function keptName(contentHash: string, { width, format }: ThumbnailKind): string {
  return `${contentHash}-${width}-${RECIPE}.${format}`;
}

/** The names under which a cache keeps the thumbnails of these bytes. */
export function keptNames(contentHash: string): string[] {
  return THUMBNAIL_WIDTHS.flatMap((width) =>
    THUMBNAIL_FORMATS.map((format) => keptName(contentHash, { width, format })),
  );
}

/** A failure of the storage as one of the service whose bytes are there. */
function own<E>(error: E, service: ServiceName): E | ServiceError {
  return error instanceof StorageError ? error.toServiceError(service) : error;
}
