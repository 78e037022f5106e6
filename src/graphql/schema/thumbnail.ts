import {
  type PictureSource,
  THUMBNAIL_WIDTHS,
  type ThumbnailWidth,
  thumbnailSize,
} from '../../services/pictures.js';
import type { ImageKey } from '../../services/visualsnoop.js';
import type { PictureFacts } from '../loaders/pictures.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';

export const ThumbnailWidthEnum = builder.enumType('ThumbnailWidth', {
  description:
    'The longest side in pixels: a fixed ladder, so that nobody fills a disk or the processors with sizes.',
  values: Object.fromEntries(
    THUMBNAIL_WIDTHS.map((width) => [`W${width}`, { value: width, description: `At most ${width} pixels.` }]),
  ) as Record<`W${ThumbnailWidth}`, { value: ThumbnailWidth; description: string }>,
});

/** A thumbnail that need not have been made yet. */
export interface Thumbnail {
  source: PictureSource;
  /** The image that it is of; null for an entry. */
  image: ImageKey | null;
  longest: ThumbnailWidth;
  /** Of the picture, where they are at hand. */
  facts: PictureFacts | null;
}

export const ThumbnailType = builder.objectRef<Thumbnail>('Thumbnail').implement({
  description:
    'A small copy: upright by EXIF, first frame, sRGB, without metadata, never enlarged. It is made when it is first asked for.',
  fields: (t) => ({
    url: t.string({
      description:
        'Where this gateway serves it, as WebP. With keys set it carries a signature that expires, so that <img> shows it.',
      resolve: ({ source: { contentHash, bucket }, image, longest }, _args, { addressOf }) =>
        addressOf({ contentHash, bucket, image, thumbnail: { width: longest, format: 'webp' } }),
    }),
    width: t.int({
      description: 'In pixels, exactly.',
      extensions: callsService,
      resolve: async (thumbnail, _args, context) => (await sizeOf(thumbnail, context)).width,
    }),
    height: t.int({
      description: 'In pixels, exactly.',
      extensions: callsService,
      resolve: async (thumbnail, _args, context) => (await sizeOf(thumbnail, context)).height,
    }),
  }),
});

async function sizeOf({ source, facts, longest }: Thumbnail, { loaders }: GraphContext) {
  return thumbnailSize(await loaders.pictures.uprightOf(source, facts), longest);
}

/** The argument of the fields that give a thumbnail. */
export const WIDTH = {
  type: ThumbnailWidthEnum,
  required: true,
  defaultValue: 320,
  description: 'How large: the longest side in pixels.',
} as const;
