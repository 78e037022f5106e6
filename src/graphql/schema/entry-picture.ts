import { builder } from './builder.js';
import { EntryRef } from './refs.js';
import { ThumbnailType, WIDTH } from './thumbnail.js';

/** Where the picture of an entry is shown. */
builder.objectFields(EntryRef, (t) => ({
  fileUrl: t.string({
    description:
      'Where this gateway serves the bytes. With keys set it carries a signature that expires, so that <img> shows it.',
    resolve: ({ contentHash, bucket }, _args, { addressOf }) =>
      addressOf({ contentHash, bucket, image: null, thumbnail: null }),
  }),
  thumbnail: t.field({
    type: ThumbnailType,
    nullable: true,
    description: 'A small copy of the picture; null for what is not decoded.',
    args: { width: t.arg(WIDTH) },
    resolve: (entry, { width }) =>
      entry.width === null
        ? null
        : {
            source: { service: 'IMGCACHE' as const, contentHash: entry.contentHash, bucket: entry.bucket },
            image: null,
            longest: width,
            facts: entry,
          },
  }),
}));
