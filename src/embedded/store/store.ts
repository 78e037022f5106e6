import type { Timestamp } from '../../services/timestamp.js';
import {
  type AddImageStatus,
  type Collection,
  type CollectionQuery,
  type CreatedCollection,
  type Image,
  ImageExistsError,
  type ImageFilter,
  type ImageKey,
  type ImagePosition,
  type ImageQuery,
} from '../../services/visualsnoop.js';
import type { Audit } from './audit.js';
import type { BlobStore, NewBytes } from './blob-store.js';
import type { DecisionStore } from './decisions.js';
import type { BucketStore, EntryStore } from './entry-store.js';
import type { Leases } from './leases.js';
import type { Transfer } from './transfer.js';

/**
 * The tables of the embedded services as named operations: all that a database has to do for them, beside the rows that
 * searches read (rows.ts). An implementation is a folder of its own, and SQL stands nowhere else.
 *
 * Whatever an operation has written is durable when it returns, unless it says otherwise. Reads take any number of keys.
 */
export interface Store {
  /** Those of the bucket of calls that name none. */
  readonly entries: EntryStore;
  readonly buckets: BucketStore;
  readonly images: ImageStore;
  readonly collections: CollectionStore;
  readonly blobs: BlobStore;
  readonly audit: Audit;
  readonly transfer: Transfer;
  readonly leases: Leases;
  readonly secrets: SecretStore;
  readonly decisions: DecisionStore;
}

/** An image with the hash of its bytes. */
export interface StoredImage extends Image {
  contentHash: string;
}

/** How a picture looks, in the two forms that searches compare, each with the version that it is of. */
export interface Description {
  descriptor: Uint8Array;
  descriptorVersion: number;
  keypoints: Uint8Array;
  keypointsVersion: number;
}

export type DescriptionVersions = Pick<Description, 'descriptorVersion' | 'keypointsVersion'>;

export interface NewImage extends ImageKey, Description {
  contentHash: string;
}

/** The image that has the id after a put, and what became of it. */
export interface PutImage {
  image: StoredImage;
  status: AddImageStatus;
}

/** An image whose description is of other versions than wanted, or lacks keypoints. */
export interface OutdatedImage {
  seq: number;
  contentHash: string;
  descriptorVersion: number;
}

/** Of `from`, which may be gone by now, the place is known here. */
export type StoredImageQuery = Omit<ImageQuery, 'from'> & { from?: ImagePosition };

/** The images of the collections. */
export interface ImageStore {
  /** In the order of the keys; null where there is none. */
  find(keys: readonly ImageKey[]): Promise<(StoredImage | null)[]>;
  list(collectionId: string, query: StoredImageQuery): Promise<StoredImage[]>;
  /** How many images of a collection the filter selects. */
  count(collectionId: string, filter: ImageFilter): Promise<number>;
  /** For each collection its newest images, newest first. */
  listNewest(collectionIds: readonly string[], limit: number): Promise<Map<string, StoredImage[]>>;
  /** For each content hash the images with these bytes, newest first, in all collections or in the given ones. */
  findByContentHash(
    contentHashes: readonly string[],
    collectionIds: readonly string[] | null,
    limit: number,
  ): Promise<Map<string, StoredImage[]>>;
  /**
   * Adds an image, or replaces the one that has its id. The bytes themselves are durable by now.
   * @param written the bytes, when they have just been written; without it the row takes those that are there
   * @throws ImageExistsError when the id is taken and may not be replaced
   * @throws UnknownCollectionError
   * @throws BytesGoneError
   */
  put(image: NewImage, updateExisting: boolean, written?: NewBytes): Promise<PutImage>;
  /** Gives the image that was deleted; null when there was none. */
  delete(key: ImageKey): Promise<StoredImage | null>;
  /** Images whose descriptor or keypoints are of other versions, or that have no keypoints. */
  countOutdated(versions: DescriptionVersions): Promise<number>;
  /**
   * By the descriptor's version, then by seq: images behind `after`.
   * @param claimant whose they are for a while: where several processes write, those that others have are left out
   */
  listOutdated(
    versions: DescriptionVersions,
    after: OutdatedImage | undefined,
    limit: number,
    claimant: string,
  ): Promise<OutdatedImage[]>;
  /** Leaves to others what was listed for this claimant. */
  releaseOutdated(claimant: string): Promise<void>;
  /** Writes the row of an image anew, with another description. Nothing happens when the row is gone by now. */
  replaceDescription(seq: number, description: Description): Promise<void>;
}

/**
 * The result of a put that changes nothing; null when there is something to write.
 * @throws ImageExistsError when the existing image may not be replaced
 */
export function putUnchanged(
  existing: StoredImage | null,
  contentHash: string,
  updateExisting: boolean,
): PutImage | null {
  if (!existing) return null;
  const { collectionId, imageId } = existing;
  if (!updateExisting) throw new ImageExistsError({ collectionId, imageId });
  return existing.contentHash === contentHash ? { image: existing, status: 'UNCHANGED' } : null;
}

/** The pair of keys that requests to a collection are signed with. */
export interface KeyPair {
  publicKey: string;
  secretKey: string;
}

/** NOT_CONFIRMED: it has another name, and nothing was done. */
export type DeletedCollection = 'DELETED' | 'NOT_CONFIRMED' | 'UNKNOWN';

/** Collections and their keys. No operation finds one that was deleted, nor an image of it. */
export interface CollectionStore {
  /** By id. */
  find(collectionIds: readonly string[]): Promise<Map<string, Collection>>;
  list(query: CollectionQuery): Promise<Collection[]>;
  count(): Promise<number>;
  /** False, and nothing is written, where there is or was one with this id. */
  insert(created: CreatedCollection, createdAt: Timestamp): Promise<boolean>;
  /** The same where there has never been a collection; false, and nothing is written, where there is or was one. */
  insertFirst(created: CreatedCollection, createdAt: Timestamp): Promise<boolean>;
  /**
   * Gives it another name, and another user where one is given; null takes the user away.
   * @returns null where there is no such collection
   */
  rename(
    collectionId: string,
    to: { name: string; user?: string | null | undefined },
  ): Promise<Collection | null>;
  /**
   * Deletes a collection with its keys: from now on it is no more, and neither are its images. Those take their room
   * until `emptyDeleted` has removed them.
   * @param confirmation its name, or its id where it has none
   */
  delete(collectionId: string, confirmation: string): Promise<DeletedCollection>;
  /**
   * Removes so many images of deleted collections in one transaction, as `ImageStore.delete` does.
   * @returns false when there were none
   */
  emptyDeleted(limit: number): Promise<boolean>;
  /** The keys of a collection, the newest first. */
  listKeys(collectionId: string): Promise<KeyPair[]>;
  /**
   * The old keys are good for nothing from now on.
   * @returns false where there is no such collection
   */
  replaceKeys(collectionId: string, keys: KeyPair, createdAt: Timestamp): Promise<boolean>;
  findKey(publicKey: string): Promise<{ collectionId: string; secretKey: string } | null>;
}

/** The length of the secrets that an installation makes. */
export const SECRET_BYTES = 32;

/** Secrets that the installation made for itself: the same after every start, and for all that work on these rows. */
export interface SecretStore {
  /** The secret of this name, which is made when it is first asked for. */
  findOrMake(name: string): Promise<Buffer>;
}
