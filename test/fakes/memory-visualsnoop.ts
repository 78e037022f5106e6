import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { selectCollections } from '#src/services/collection-order.js';
import { compareText } from '#src/services/compare-text.js';
import { ServiceError } from '#src/services/errors.js';
import { imageIdProblem } from '#src/services/image-id.js';
import { lowerAscii } from '#src/services/lower-ascii.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { now } from '#src/services/timestamp.js';
import {
  type AddImageOptions,
  type AddImageStatus,
  type Collection,
  type CollectionKeys,
  type CollectionQuery,
  type CreatedCollection,
  type Image,
  ImageExistsError,
  type ImageFilter,
  type ImageKey,
  type ImageMatch,
  type ImagePosition,
  type ImageQuery,
  type ImageSearch,
  NotAPictureError,
  UnknownCollectionError,
  type VisualSnoop,
} from '#src/services/visualsnoop.js';

interface StoredImage extends Image {
  bytes: Buffer;
  contentHash: string;
}

interface StoredCollection extends CreatedCollection {
  images: Map<string, StoredImage>;
}

const MAX_RESULTS = 100;

/** An honest VisualSnoop in memory. Equal bytes have rank 0; any others rank by how much their sizes differ. */
export class MemoryVisualSnoop implements VisualSnoop, CollectionKeys {
  readonly mode = 'EMBEDDED';
  readonly #collections = new Map<string, StoredCollection>();

  async createCollection({ name, user }: { name: string; user?: string }): Promise<CreatedCollection> {
    return this.addCollection({
      collection: { collectionId: randomBytes(4).toString('hex'), name, user: user ?? null },
      publicKey: randomBytes(10).toString('hex'),
      secretKey: randomBytes(20).toString('hex'),
    });
  }

  async renameCollection(
    collectionId: string,
    { name, user }: { name: string; user?: string | null | undefined },
  ): Promise<Collection> {
    const found = this.#collection(collectionId);
    found.collection = { ...found.collection, name, ...(user !== undefined && { user }) };
    return found.collection;
  }

  async deleteCollection(collectionId: string, confirmation: string): Promise<boolean> {
    const { collection } = this.#collection(collectionId);
    if (confirmation !== (collection.name ?? collectionId)) return false;
    return this.#collections.delete(collectionId);
  }

  async rotateCollectionKeys(collectionId: string): Promise<CreatedCollection> {
    const found = this.#collection(collectionId);
    found.publicKey = randomBytes(10).toString('hex');
    found.secretKey = randomBytes(20).toString('hex');
    const { collection, publicKey, secretKey } = found;
    return { collection, publicKey, secretKey };
  }

  /** Adds a collection with an id and keys of the caller's choice. */
  addCollection(created: CreatedCollection): CreatedCollection {
    this.#collections.set(created.collection.collectionId, { ...created, images: new Map() });
    return created;
  }

  async find(publicKey: string): Promise<{ collectionId: string; secretKey: string } | null> {
    for (const { collection, publicKey: key, secretKey } of this.#collections.values()) {
      if (key === publicKey) return { collectionId: collection.collectionId, secretKey };
    }
    return null;
  }

  async listCollections(query: CollectionQuery): Promise<Collection[]> {
    const all = [...this.#collections.values()].map(({ collection }) => collection);
    return selectCollections(all, query);
  }

  async countCollections(): Promise<number> {
    return this.#collections.size;
  }

  async getCollections(collectionIds: readonly string[]): Promise<(Collection | null)[]> {
    return collectionIds.map((id) => this.#collections.get(id)?.collection ?? null);
  }

  async getImages(keys: readonly ImageKey[]): Promise<(Image | null)[]> {
    return keys.map((key) => toImage(this.#find(key)));
  }

  async listImages(
    collectionId: string,
    { order = 'NEWEST_FIRST', filter = {}, after, before, from, limit }: ImageQuery,
  ): Promise<Image[]> {
    const sign = order === 'NEWEST_FIRST' ? 1 : -1;
    const compare = (a: ImagePosition, b: ImagePosition) => sign * comparePosition(a, b);
    let images = this.#newestFirst(collectionId);
    if (from !== undefined) {
      const start = images.findIndex(({ imageId }) => imageId === from);
      images = start < 0 ? [] : images.slice(start);
    }
    return images
      .filter((image) => !after || compare(image, after) > 0)
      .filter((image) => !before || compare(image, before) < 0)
      .filter((image) => matches(image, filter))
      .sort(compare)
      .slice(0, limit)
      .map((image) => toImage(image)!);
  }

  async countImages(collectionId: string, filter: ImageFilter): Promise<number> {
    return this.#newestFirst(collectionId).filter((image) => matches(image, filter)).length;
  }

  async listNewestImages(collectionIds: readonly string[], limit: number): Promise<Image[][]> {
    return collectionIds.map((id) =>
      this.#collections.has(id)
        ? this.#newestFirst(id)
            .slice(0, limit)
            .map((image) => toImage(image)!)
        : [],
    );
  }

  async searchById(key: ImageKey, { limit }: ImageSearch): Promise<ImageMatch[] | null> {
    const image = this.#find(key);
    if (!image) return null;
    const matches = this.#rank(key.collectionId, image.bytes);
    return matches.filter(({ imageId }) => imageId !== key.imageId).slice(0, limit);
  }

  async searchByImage(
    collectionId: string,
    image: StagedImage,
    { limit }: ImageSearch,
  ): Promise<ImageMatch[]> {
    await checkPicture(image);
    return this.#rank(collectionId, await buffer(image.stream())).slice(0, limit);
  }

  async addImage(
    collectionId: string,
    staged: StagedImage,
    { imageId = randomBytes(16).toString('hex'), updateExisting = false }: AddImageOptions = {},
  ): Promise<{ image: Image; status: AddImageStatus }> {
    const { images } = this.#collection(collectionId);
    checkImageId(imageId);
    await checkPicture(staged);
    const bytes = await buffer(staged.stream());
    const existing = images.get(imageId);
    if (existing && !updateExisting) throw new ImageExistsError({ collectionId, imageId });
    if (existing?.bytes.equals(bytes)) return { image: toImage(existing)!, status: 'UNCHANGED' };
    const stored = { collectionId, imageId, imageTime: now(), bytes, contentHash: staged.contentHash };
    images.set(imageId, stored);
    return { image: toImage(stored)!, status: existing ? 'UPDATED' : 'ADDED' };
  }

  async deleteImage(key: ImageKey): Promise<Image | null> {
    const image = this.#find(key);
    this.#collections.get(key.collectionId)?.images.delete(key.imageId);
    return toImage(image);
  }

  async getContentHashes(keys: readonly ImageKey[]): Promise<(string | null)[]> {
    return keys.map((key) => this.#find(key)?.contentHash ?? null);
  }

  async findByContentHash(
    contentHashes: readonly string[],
    collectionIds: readonly string[] | null,
    limit: number,
  ): Promise<Image[][]> {
    const images = [...new Set(collectionIds ?? this.#collections.keys())]
      .sort(compareText)
      .filter((id) => this.#collections.has(id))
      .flatMap((id) => this.#newestFirst(id))
      .sort(comparePosition);
    return contentHashes.map((contentHash) =>
      images
        .filter((image) => image.contentHash === contentHash)
        .slice(0, limit)
        .map((image) => toImage(image)!),
    );
  }

  async getBytes(key: ImageKey): Promise<Readable | null> {
    const image = this.#find(key);
    return image ? Readable.from([image.bytes]) : null;
  }

  async health(): Promise<void> {}

  #collection(collectionId: string): StoredCollection {
    const collection = this.#collections.get(collectionId);
    if (!collection) throw new UnknownCollectionError(collectionId);
    return collection;
  }

  #find({ collectionId, imageId }: ImageKey): StoredImage | null {
    return this.#collections.get(collectionId)?.images.get(imageId) ?? null;
  }

  #newestFirst(collectionId: string): StoredImage[] {
    return [...this.#collection(collectionId).images.values()].sort(comparePosition);
  }

  #rank(collectionId: string, bytes: Buffer): ImageMatch[] {
    return [...this.#collection(collectionId).images.values()]
      .map(({ imageId, bytes: other }) => ({
        collectionId,
        imageId,
        rank: other.equals(bytes) ? 0 : 1 + Math.abs(other.length - bytes.length),
      }))
      .sort((a, b) => a.rank - b.rank || compareText(a.imageId, b.imageId))
      .slice(0, MAX_RESULTS);
  }
}

function matches(
  { imageId, imageTime }: Image,
  { imageIdContains = '', imageTimeFrom = '', imageTimeBefore = '~' }: ImageFilter,
): boolean {
  const found = lowerAscii(imageId).includes(lowerAscii(imageIdContains));
  return found && imageTime >= imageTimeFrom && imageTime < imageTimeBefore;
}

function checkImageId(imageId: string): void {
  const problem = imageIdProblem(imageId);
  if (problem) {
    throw new ServiceError(problem, { service: 'VISUALSNOOP', code: 'REFUSED', retryable: false });
  }
}

async function checkPicture(image: StagedImage): Promise<void> {
  const { problem } = await image.facts();
  if (problem) throw new NotAPictureError('The bytes are not a picture that can be decoded.');
}

function toImage(stored: StoredImage | null): Image | null {
  if (!stored) return null;
  const { collectionId, imageId, imageTime } = stored;
  return { collectionId, imageId, imageTime };
}

function comparePosition(a: ImagePosition, b: ImagePosition): number {
  return compareText(b.imageTime, a.imageTime) || compareText(a.imageId, b.imageId);
}
