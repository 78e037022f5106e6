import { randomBytes } from 'node:crypto';
import { ServiceError } from '../services/errors.js';
import { imageIdProblem } from '../services/image-id.js';
import type { DescriptionUse, PictureDescription, StagedImage } from '../services/staged-image.js';
import { type AddImageOptions, NotAPictureError } from '../services/visualsnoop.js';
import { MissingBlobError } from './blobs/blobs.js';
import { readLocalFile, type StoredBytes } from './blobs/read-bytes.js';
import { writeWithBytes } from './blobs/write-with-bytes.js';
import type { KeyedLock } from './keyed-lock.js';
import { VERSIONS } from './picture/versions.js';
import type { PictureReader } from './staging.js';
import { BytesGoneError } from './store/blob-store.js';
import { type PutImage, putUnchanged, type Store } from './store/store.js';

export interface ImageWriterParts {
  store: Store;
  bytes: StoredBytes;
  /** The lock by content hash that the sweeper takes too. */
  locks: KeyedLock;
  /** Describes pictures that are stored already; null where none are described. */
  pictures: PictureReader | null;
}

/** Puts images into collections that there are, with the description of their picture. */
export class ImageWriter {
  readonly #store: Store;
  readonly #bytes: StoredBytes;
  readonly #locks: KeyedLock;
  readonly #pictures: PictureReader | null;

  constructor({ store, bytes, locks, pictures }: ImageWriterParts) {
    this.#store = store;
    this.#bytes = bytes;
    this.#locks = locks;
    this.#pictures = pictures;
  }

  /** @throws ImageExistsError, NotAPictureError */
  async add(
    collectionId: string,
    image: StagedImage,
    { imageId = randomBytes(16).toString('hex'), updateExisting = false }: AddImageOptions,
    signal?: AbortSignal,
  ): Promise<PutImage> {
    checkImageId(imageId);
    const { contentHash } = image;
    const key = { collectionId, imageId };
    // Bytes that change nothing are not decoded.
    const [existing = null] = await this.#store.images.find([key]);
    const unchanged = putUnchanged(existing, contentHash, updateExisting);
    if (unchanged) return unchanged;
    const description = await describe(image, 'KEPT');
    signal?.throwIfAborted();
    const row = { ...key, contentHash, ...description, ...VERSIONS };
    return this.#locks.run(contentHash, () =>
      writeWithBytes(this.#bytes, image, (written) => this.#store.images.put(row, updateExisting, written)),
    );
  }

  /**
   * Adds bytes that are stored already, under their content hash; null when they are not. They are under their lock when the
   * row takes them, so that no sweep of this process does.
   * @throws NotAPictureError
   */
  async addKnown(collectionId: string, contentHash: string, signal?: AbortSignal): Promise<PutImage | null> {
    const key = { collectionId, imageId: contentHash };
    const [existing = null] = await this.#store.images.find([key]);
    const unchanged = putUnchanged(existing, contentHash, true);
    if (unchanged) return unchanged;
    const description = await this.#describeKnown(contentHash);
    if (!description) return null;
    signal?.throwIfAborted();
    const row = { ...key, contentHash, ...description, ...VERSIONS };
    try {
      return await this.#locks.run(contentHash, () => this.#store.images.put(row, true));
    } catch (error) {
      if (error instanceof BytesGoneError) return null;
      throw error;
    }
  }

  /** Null where the bytes are not here. */
  async #describeKnown(contentHash: string): Promise<PictureDescription | null> {
    const pictures = this.#pictures;
    if (!pictures || (await this.#store.blobs.findPlace(contentHash)) === null) return null;
    try {
      return await readLocalFile(this.#bytes, contentHash, async (path) => {
        const { width } = await pictures.read(path);
        return checkDescribed(width === null ? null : await pictures.describe(path));
      });
    } catch (error) {
      if (error instanceof MissingBlobError) return null;
      throw error;
    }
  }
}

/** @throws NotAPictureError */
export async function describe(image: StagedImage, use: DescriptionUse): Promise<PictureDescription> {
  return checkDescribed(await image.description(use));
}

function checkDescribed(description: PictureDescription | null): PictureDescription {
  if (!description) throw new NotAPictureError('The bytes are not a picture that can be decoded.');
  return description;
}

function checkImageId(imageId: string): void {
  const problem = imageIdProblem(imageId);
  if (problem) {
    throw new ServiceError(problem, { service: 'VISUALSNOOP', code: 'REFUSED', retryable: false });
  }
}
