import type { EntryTileFragment, ImageTileFragment } from '../generated.js';
import { hrefOf } from '../router.js';
import { addressHere } from '../settings.js';
import { bytesInWords } from '../shell/units.js';

/** A small copy of a picture, in two sizes of which the browser takes the one that it needs. */
export interface SmallPicture {
  src: string;
  srcset: string;
}

/** A picture as it stands in a grid or a list. */
export interface Tile {
  /** Unique among all pictures: the content hash of an entry, the path of an image. */
  id: string;
  href: string;
  /** Its name: that of its file, else its URL. */
  label: string;
  /** Such as `1200 × 800 · 142 kB`. */
  facts: string;
  /** Such as `svg+xml`, to be shown in place of a picture that is not decoded. */
  kind: string;
  picture: SmallPicture | null;
  contentHash: string | null;
  /** Where it is an image of a collection. */
  image: { collectionId: string; imageId: string } | null;
}

/** How items of a list become tiles. A list may be long, so that this is done for what is to be seen alone. */
export interface TileSource<Item> {
  id(item: Item): string;
  /** Width by height. */
  aspect(item: Item): number;
  tile(item: Item): Tile;
}

type Facts =
  | Pick<EntryTileFragment, 'contentType' | 'fileSizeBytes' | 'width' | 'height' | 'small' | 'large'>
  | ImageTileFragment;

/** Longer and higher pictures are cut in a grid. */
const WIDEST = 3;

function aspectOf({ small }: Pick<Facts, 'small'>): number {
  if (!small) return 1;
  return Math.min(Math.max(small.width / small.height, 1 / WIDEST), WIDEST);
}

export function pictureOf({ small, large }: Pick<Facts, 'small' | 'large'>): SmallPicture | null {
  if (!small) return null;
  const src = addressHere(small.url);
  const twice = large ? `, ${addressHere(large.url)} ${large.width}w` : '';
  return { src, srcset: `${src} ${small.width}w${twice}` };
}

function factsOf({ width, height, fileSizeBytes }: Facts): string {
  const size = fileSizeBytes === null ? [] : [bytesInWords(fileSizeBytes)];
  return [...(width && height ? [`${width} × ${height}`] : []), ...size].join(' · ');
}

export function kindOf(contentType: string | null): string {
  return contentType?.replace(/^image\//, '') ?? 'no picture here';
}

/** What people call an entry. */
export function nameOf({ originalFilename, url }: { originalFilename: string | null; url: string }): string {
  return originalFilename || url;
}

export const entryTiles: TileSource<EntryTileFragment> = {
  id: ({ contentHash }) => contentHash,
  aspect: aspectOf,
  tile: (entry) => ({
    id: entry.contentHash,
    href: hrefOf({ name: 'entry', contentHash: entry.contentHash }),
    label: nameOf(entry),
    facts: factsOf(entry),
    kind: kindOf(entry.contentType),
    picture: pictureOf(entry),
    contentHash: entry.contentHash,
    image: null,
  }),
};

export const imageTiles: TileSource<ImageTileFragment> = {
  id: ({ collection, imageId }) => imagePath(collection.collectionId, imageId),
  aspect: aspectOf,
  tile: (image) => {
    const { imageId, collection } = image;
    const { collectionId } = collection;
    return {
      id: imagePath(collectionId, imageId),
      href: hrefOf({ name: 'image', collectionId, imageId }),
      label: imageId,
      facts: factsOf(image),
      kind: kindOf(image.contentType),
      picture: pictureOf(image),
      contentHash: image.contentHash,
      image: { collectionId, imageId },
    };
  },
};

function imagePath(collectionId: string, imageId: string): string {
  return `${collectionId}/${imageId}`;
}
