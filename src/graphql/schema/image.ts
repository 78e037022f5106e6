import { brandWithType } from '@pothos/core';
import { isContentHash } from '../../services/content-hash.js';
import { imageIdProblem } from '../../services/image-id.js';
import { imageKeyText } from '../../services/image-key.js';
import { isStorable } from '../../services/storable-text.js';
import { type Image, UnknownCollectionError } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, FIRST } from './connection.js';
import type { GraphContext } from './context.js';
import { decodeImageKey } from './global-id.js';
import { ImageMatchType, PARTS } from './image-match.js';
import { CollectionRef, EntryRef, ImageRef } from './refs.js';
import { checkText } from './validation.js';

builder.node(ImageRef, {
  description: 'An image in a collection, under an id of 1 to 100 characters.',
  id: {
    description: 'The global id, stable over restarts and between embedded and remote services.',
    resolve: (image) => imageKeyText(image),
  },
  fields: (t) => ({
    imageId: t.exposeString('imageId', { description: 'Its id in the collection.' }),
    imageTime: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When it was added or last updated. Read only when asked for; null when the service no longer has the image.',
      extensions: callsService,
      resolve: async (image, _args, { loaders }) =>
        image.imageTime ?? (await loaders.collections.image.load(image))?.imageTime ?? null,
    }),
    collection: t.field({
      type: CollectionRef,
      description: 'The collection that it is in.',
      extensions: callsService,
      resolve: async ({ collectionId }, _args, { loaders }) => {
        const collection = await loaders.collections.byId.load(collectionId);
        if (!collection) throw new UnknownCollectionError(collectionId);
        return collection;
      },
    }),
    entry: t.field({
      type: EntryRef,
      nullable: true,
      description:
        'The imgcache entry with the same bytes, in the bucket of calls that name none: found when imageId is a content hash, or when the embedded services hold both.',
      extensions: callsService,
      resolve: async (image, _args, { loaders }) => {
        const { imageId } = image;
        const known = await loaders.collections.entryHash(image);
        const contentHash = known ?? (isContentHash(imageId) ? imageId : null);
        return contentHash === null ? null : loaders.entries.byContentHash.load(contentHash);
      },
    }),
    similar: t.field({
      type: [ImageMatchType],
      nullable: true,
      description:
        "VisualSnoop's search by id: the best first, the image itself left out. Not pageable: first is how many, 1 to 100.",
      extensions: callsService,
      args: {
        first: t.arg.int(FIRST),
        parts: t.arg.boolean(PARTS),
      },
      resolve: async ({ collectionId, imageId }, { first, parts }, { loaders }) => {
        const limit = checkFirst(first);
        const matches = await loaders.collections.similar.load({ collectionId, imageId, limit, parts });
        return matches && [...matches];
      },
    }),
  }),
});

/** For `node`: null for a key that is no image's, or of an image that is gone. */
export async function loadImageNode(text: string, { loaders }: GraphContext): Promise<Image | null> {
  const key = decodeImageKey(text);
  if (!key || !isStorable(key.collectionId) || imageIdProblem(key.imageId)) return null;
  const image = await loaders.collections.image.load(key);
  if (image) brandWithType(image, ImageRef);
  return image;
}

builder.queryField('image', (t) =>
  t.field({
    type: ImageRef,
    nullable: true,
    description: 'The image with this id in this collection; null when there is none.',
    extensions: callsService,
    args: {
      collectionId: t.arg.string({ required: true, description: 'The collection.' }),
      imageId: t.arg.string({ required: true, description: 'Its id there.' }),
    },
    resolve: (_root, { collectionId, imageId }, { loaders }) =>
      loaders.collections.image.load({
        collectionId: checkText('collectionId', collectionId),
        imageId: checkText('imageId', imageId),
      }),
  }),
);
