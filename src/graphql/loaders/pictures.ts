import type { RequestScope } from '../../request/request-scope.js';
import { isContentHash } from '../../services/content-hash.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { PictureSource, Pictures, Size } from '../../services/pictures.js';
import type { ImageKey } from '../../services/visualsnoop.js';
import type { CollectionLoaders } from './collections.js';
import type { EntryLoaders } from './entries.js';

/** The facts of bytes; width and height are null for what is not decoded. */
export interface PictureFacts {
  contentType: string;
  fileSizeBytes: number;
  width: number | null;
  height: number | null;
}

/** Formats whose pictures are shown as they are stored. */
const NEVER_TURNED: ReadonlySet<string> = new Set(['image/gif', 'image/bmp', 'image/x-icon']);

export interface PictureReadsParts {
  imgcache: ImgCache;
  pictures: Pictures;
  /** Those of the same request, which read by key. */
  entries: EntryLoaders;
  collections: CollectionLoaders;
  scope: RequestScope;
}

/** The reads of one request of what is known of pictures. All that services tell by key is read by its other loaders. */
export class PictureReads {
  readonly #parts: PictureReadsParts;

  constructor(parts: PictureReadsParts) {
    this.#parts = parts;
  }

  /** The bytes of an image: its collection's own, or those of the entry that its id names; null where neither is known. */
  async sourceOf(image: ImageKey): Promise<PictureSource | null> {
    const { entries, collections } = this.#parts;
    const contentHash = await collections.contentHash.load(image);
    if (contentHash !== null) return { service: 'VISUALSNOOP', contentHash };
    const { imageId } = image;
    const entry = isContentHash(imageId) ? await entries.byContentHash.load(imageId) : null;
    return entry && { service: 'IMGCACHE', contentHash: imageId };
  }

  /** By the entry with these bytes, where that is at hand, else by their header. */
  async factsOf(source: PictureSource): Promise<PictureFacts | null> {
    const { imgcache, entries } = this.#parts;
    const isAtHand = source.service === 'IMGCACHE' || imgcache.mode === 'EMBEDDED';
    const entry = isAtHand ? await entries.byContentHash.load(source.contentHash) : null;
    return entry ?? this.#find(source);
  }

  /**
   * The size of a picture as it is shown.
   * @param facts of it, where they are at hand
   */
  async uprightOf(source: PictureSource, facts: PictureFacts | null): Promise<Size> {
    const known = facts ?? (await this.factsOf(source));
    const stored = { width: known?.width ?? 1, height: known?.height ?? 1 };
    if (stored.width === stored.height || NEVER_TURNED.has(known?.contentType ?? '')) return stored;
    return (await this.#find(source))?.upright ?? stored;
  }

  #find(source: PictureSource) {
    const { pictures, scope } = this.#parts;
    return pictures.find(source, scope.reads(source.service));
  }
}
