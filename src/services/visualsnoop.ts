import type { Readable } from 'node:stream';
import type { CallSignal } from './call-signal.js';
import type { ServiceMode } from './errors.js';
import type { StagedImage } from './staged-image.js';
import type { Timestamp } from './timestamp.js';

/** The most items of a list that one call of VisualSnoop's protocol gives. */
export const MAX_PAGE_SIZE = 1000;

/** A private set of images that can be searched by visual similarity. */
export interface Collection {
  /** Such as 6b7c9142. */
  collectionId: string;
  name: string | null;
  user: string | null;
}

/** The key of an image. imageId is any text of 1 to 100 characters but `.` and `..`. */
export interface ImageKey {
  collectionId: string;
  imageId: string;
}

export interface Image extends ImageKey {
  /** When it was added or last updated. */
  imageTime: Timestamp;
}

export interface ImageMatch extends ImageKey {
  /** 0 is identical; larger is less alike; the scale is the service's own. */
  rank: number;
  /**
   * What is alike.
   * @default not known
   */
  found?: MatchKind;
  /**
   * The part that both pictures share.
   * @default not known
   */
  part?: SharedPart | null;
}

/** WHOLE: the pictures are alike as a whole. PART: some part of one is in the other. */
export type MatchKind = 'WHOLE' | 'PART';

/** A box in a picture, in shares of its width and height, from the left and the top. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part that the picture asked about and a match share. */
export interface SharedPart {
  query: Box;
  match: Box;
  /** By how much the match is turned to lie in the query, in degrees clockwise, above -180 up to 180. */
  angle: number;
  /** Whether one of both is mirrored. */
  mirrored: boolean;
}

/** How to search. */
export interface ImageSearch {
  /** The most matches. */
  limit: number;
  /**
   * Whether parts of pictures are looked for too, and likeness is confirmed by them.
   * @default true
   */
  parts?: boolean;
}

/** ADDED is new; UPDATED replaced the bytes; UNCHANGED had the same bytes under this id already. */
export type AddImageStatus = 'ADDED' | 'UPDATED' | 'UNCHANGED';

/** The place of an image in the order by imageTime descending, then imageId ascending (by code point). */
export interface ImagePosition {
  imageTime: Timestamp;
  imageId: string;
}

/** NEWEST_FIRST: imageTime descending, then imageId ascending. OLDEST_FIRST: the exact reverse. */
export type ImageOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST';

/** The conditions of a list, all of which an image must meet. */
export interface ImageFilter {
  /** A plain substring, ASCII letters in either case. */
  imageIdContains?: string;
  imageTimeFrom?: Timestamp;
  imageTimeBefore?: Timestamp;
}

/** A part of a list of images. What stands at a place need not exist any more. */
export interface ImageQuery {
  /** @default all images */
  filter?: ImageFilter;
  /** @default NEWEST_FIRST */
  order?: ImageOrder;
  /** Selects the images behind this place in the order. */
  after?: ImagePosition;
  /** Selects those in front of this place. */
  before?: ImagePosition;
  /** Selects what comes from this image on, itself included, newest first; nothing when it is not there. */
  from?: string;
  limit: number;
}

/** A part of the list of collections. */
export interface CollectionQuery {
  /**
   * By collectionId.
   * @default ASCENDING
   */
  order?: 'ASCENDING' | 'DESCENDING';
  /** Selects the collections behind this id in the order. */
  after?: string;
  /** Selects those in front of it. */
  before?: string;
  limit: number;
}

export interface AddImageOptions {
  /** @default the service makes one of 32 hex digits */
  imageId?: string;
  /**
   * Whether to replace the image that has this id; otherwise it is left as it was.
   * @default false
   */
  updateExisting?: boolean;
}

export interface CreatedCollection {
  collection: Collection;
  publicKey: string;
  /** Shown at this moment only. */
  secretKey: string;
}

/** There is no such collection. */
export class UnknownCollectionError extends Error {
  readonly collectionId: string;

  constructor(collectionId: string) {
    super(`There is no collection ${collectionId}.`);
    this.name = 'UnknownCollectionError';
    this.collectionId = collectionId;
  }
}

/** The id is taken, and updateExisting was not given. */
export class ImageExistsError extends Error {
  readonly image: ImageKey;

  constructor(image: ImageKey) {
    super(`The collection has an image ${image.imageId} already.`);
    this.name = 'ImageExistsError';
    this.image = image;
  }
}

/** The service takes only bytes that can be decoded as a picture. */
export class NotAPictureError extends Error {
  override readonly name = 'NotAPictureError';
}

/**
 * VisualSnoop's operations. An image that is not there is null, a collection that is not there an
 * UnknownCollectionError (null in a read by key); failure is a ServiceError. Reads by key take many keys, and their
 * results have the order of the keys.
 */
export interface VisualSnoop {
  readonly mode: ServiceMode;

  listCollections(query: CollectionQuery, signal?: CallSignal): Promise<Collection[]>;

  /** Null where the service cannot say. */
  countCollections(signal?: CallSignal): Promise<number | null>;

  getCollections(collectionIds: readonly string[], signal?: CallSignal): Promise<(Collection | null)[]>;

  getImages(keys: readonly ImageKey[], signal?: CallSignal): Promise<(Image | null)[]>;

  /** @throws UnknownCollectionError; ServiceError UNSUPPORTED where a remote service would be asked for too much */
  listImages(collectionId: string, query: ImageQuery, signal?: CallSignal): Promise<Image[]>;

  /** How many images of a collection the filter selects; null where the service cannot say. */
  countImages(collectionId: string, filter: ImageFilter, signal?: CallSignal): Promise<number | null>;

  /** Lists for each collection its newest images, in the order of `listImages`; none where there is no such collection. */
  listNewestImages(collectionIds: readonly string[], limit: number, signal?: CallSignal): Promise<Image[][]>;

  /** Finds similar images, best first, the image itself left out, at most 100. Null when there is no such image. */
  searchById(key: ImageKey, search: ImageSearch, signal?: CallSignal): Promise<ImageMatch[] | null>;

  /**
   * The same for several images, in their order, with less work than so many searches take. Absent where each has to
   * be asked on its own.
   */
  searchByIds?(
    keys: readonly ImageKey[],
    search: ImageSearch,
    signal?: CallSignal,
  ): Promise<(ImageMatch[] | null)[]>;

  /** Finds similar images, best first, at most 100; rank 0 is the identical picture. */
  searchByImage(
    collectionId: string,
    image: StagedImage,
    search: ImageSearch,
    signal?: CallSignal,
  ): Promise<ImageMatch[]>;

  /**
   * With an imageId safe to repeat: without updateExisting a repeat finds the id taken. Without an imageId not.
   * @throws ImageExistsError, NotAPictureError, UnknownCollectionError
   */
  addImage(
    collectionId: string,
    image: StagedImage,
    options?: AddImageOptions,
    signal?: CallSignal,
  ): Promise<{ image: Image; status: AddImageStatus }>;

  /** Resolves to the deleted image; null when there was none. */
  deleteImage(key: ImageKey, signal?: CallSignal): Promise<Image | null>;

  /**
   * The same for bytes that the service has already, under their content hash: they are neither sent nor copied. Safe to
   * repeat. Absent where it always has to be sent them.
   * @returns null where it does not have them
   * @throws NotAPictureError, UnknownCollectionError
   */
  addKnownImage?(
    collectionId: string,
    contentHash: string,
    signal?: CallSignal,
  ): Promise<{ image: Image; status: AddImageStatus } | null>;

  /** @throws ServiceError UNSUPPORTED where VisualSnoop is remote */
  createCollection(input: { name: string; user?: string }, signal?: CallSignal): Promise<CreatedCollection>;

  /**
   * Gives a collection another name, and another user where one is given; null takes the user away.
   * @throws UnknownCollectionError, ServiceError UNSUPPORTED where VisualSnoop is remote
   */
  renameCollection(
    collectionId: string,
    to: { name: string; user?: string | null | undefined },
    signal?: CallSignal,
  ): Promise<Collection>;

  /**
   * Deletes a collection with its keys and all its images: it is gone when this resolves, and the room that it took is
   * given back little by little.
   * @param confirmation its name, or its id where it has none
   * @returns false where it has another name, and nothing was done
   * @throws UnknownCollectionError, ServiceError UNSUPPORTED where VisualSnoop is remote
   */
  deleteCollection(collectionId: string, confirmation: string, signal?: CallSignal): Promise<boolean>;

  /**
   * Gives a collection new keys; the old ones are good for nothing from now on.
   * @throws UnknownCollectionError, ServiceError UNSUPPORTED where VisualSnoop is remote
   */
  rotateCollectionKeys(collectionId: string, signal?: CallSignal): Promise<CreatedCollection>;

  /** Finds for each image the content hash of its bytes; null where this service does not know it, as a remote one never does. */
  getContentHashes(keys: readonly ImageKey[], signal?: CallSignal): Promise<(string | null)[]>;

  /**
   * For each content hash the images with these bytes, newest first; collectionIds: null means all.
   * A remote VisualSnoop finds only images whose id is the content hash.
   */
  findByContentHash(
    contentHashes: readonly string[],
    collectionIds: readonly string[] | null,
    limit: number,
    signal?: CallSignal,
  ): Promise<Image[][]>;

  /** The bytes of an image; null when it is not there, or the service gives none (a remote one never does). */
  getBytes(key: ImageKey, signal?: CallSignal): Promise<Readable | null>;

  /** Resolves when the service can do its work. */
  health(signal?: CallSignal): Promise<void>;
}

/** Finds the secret key that verifies a signature. */
export interface CollectionKeys {
  find(publicKey: string, signal?: CallSignal): Promise<{ collectionId: string; secretKey: string } | null>;
}
