import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';
import { ImageRef, type KnownImage } from './refs.js';
import { ThumbnailType, WIDTH } from './thumbnail.js';

async function factsOf(image: KnownImage, { loaders }: GraphContext) {
  const source = await loaders.pictures.sourceOf(image);
  return source && loaders.pictures.factsOf(source);
}

/** Of a remote VisualSnoop, which gives no bytes, only what imgcache has is known. */
const UNKNOWN = 'null where the service does not know it, as a remote VisualSnoop without an entry.';

/** What the bytes of an image tell, and where they are shown. */
builder.objectFields(ImageRef, (t) => ({
  fileUrl: t.string({
    nullable: true,
    description:
      'Where this gateway serves the bytes, to those who may see the image; null where the service gives none, as a remote VisualSnoop without an entry. With keys set it carries a signature that expires, so that <img> shows it.',
    extensions: callsService,
    resolve: async (image, _args, { loaders, addressOf }) => {
      const source = await loaders.pictures.sourceOf(image);
      if (!source) return null;
      const { service, contentHash } = source;
      return addressOf({ contentHash, image: service === 'IMGCACHE' ? null : image, thumbnail: null });
    },
  }),
  contentHash: t.field({
    type: 'ContentHash',
    nullable: true,
    description: `The hash of the bytes; ${UNKNOWN}`,
    extensions: callsService,
    resolve: async (image, _args, { loaders }) =>
      (await loaders.pictures.sourceOf(image))?.contentHash ?? null,
  }),
  contentType: t.string({
    nullable: true,
    description: `The MIME type, by the bytes; ${UNKNOWN}`,
    extensions: callsService,
    resolve: async (image, _args, context) => (await factsOf(image, context))?.contentType ?? null,
  }),
  fileSizeBytes: t.float({
    nullable: true,
    description: `A whole number of bytes; ${UNKNOWN}`,
    extensions: callsService,
    resolve: async (image, _args, context) => (await factsOf(image, context))?.fileSizeBytes ?? null,
  }),
  width: t.int({
    nullable: true,
    description: `In pixels, before any EXIF rotation; ${UNKNOWN}`,
    extensions: callsService,
    resolve: async (image, _args, context) => (await factsOf(image, context))?.width ?? null,
  }),
  height: t.int({
    nullable: true,
    description: `In pixels, before any EXIF rotation; ${UNKNOWN}`,
    extensions: callsService,
    resolve: async (image, _args, context) => (await factsOf(image, context))?.height ?? null,
  }),
  thumbnail: t.field({
    type: ThumbnailType,
    nullable: true,
    description: 'A small copy of the picture; null where the service gives no bytes.',
    extensions: callsService,
    args: { width: t.arg(WIDTH) },
    resolve: async (image, { width }, { loaders }) => {
      const source = await loaders.pictures.sourceOf(image);
      if (!source) return null;
      if (source.service === 'VISUALSNOOP') return { source, image, longest: width, facts: null };
      const facts = await loaders.pictures.factsOf(source);
      return facts?.width ? { source, image: null, longest: width, facts } : null;
    },
  }),
}));
