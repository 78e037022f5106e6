import { z } from 'zod';
import type { Image, ImageFilter, ImageOrder, ImagePosition } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { OrderedCursors } from './cursor.js';
import { checkText, keyText, timeText } from './validation.js';

export const ImageOrderEnum = builder.enumType('ImageOrder', {
  description:
    'Of images of one time the one with the lower imageId comes first, or last in the reverse order.',
  values: {
    NEWEST_FIRST: { description: 'By imageTime.' },
    OLDEST_FIRST: { description: 'The reverse of NEWEST_FIRST.' },
  } satisfies Record<ImageOrder, object>,
});

export const REVERSE_IMAGE_ORDER = {
  NEWEST_FIRST: 'OLDEST_FIRST',
  OLDEST_FIRST: 'NEWEST_FIRST',
} as const satisfies Record<ImageOrder, ImageOrder>;

const byTime = {
  partsOf: (image: Image) => [image.imageTime, image.imageId],
  place: z
    .tuple([timeText, keyText])
    .transform(([imageTime, imageId]): ImagePosition => ({ imageTime, imageId })),
};

export const imageCursors = new OrderedCursors<ImageOrder, Image, ImagePosition>('NEWEST_FIRST', {
  NEWEST_FIRST: byTime,
  OLDEST_FIRST: byTime,
});

export const ImageFilterInput = builder.inputType('ImageFilter', {
  description:
    'All given conditions hold. A remote VisualSnoop knows none of them; the gateway applies them.',
  fields: (t) => ({
    imageIdContains: t.string({
      description: 'A plain substring of the imageId, ASCII letters in either case.',
    }),
    imageTimeFrom: t.field({ type: 'DateTime', description: 'Added or updated at this time or later.' }),
    imageTimeBefore: t.field({ type: 'DateTime', description: 'Added or updated before this time.' }),
  }),
});

/** Conditions that were given as null count as absent. */
export function readImageFilter(filter: typeof ImageFilterInput.$inferInput): ImageFilter {
  if (filter.imageIdContains) checkText('filter.imageIdContains', filter.imageIdContains);
  return Object.fromEntries(Object.entries(filter).filter(([, condition]) => condition != null));
}
