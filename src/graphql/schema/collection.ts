import { brandWithType } from '@pothos/core';
import { z } from 'zod';
import { isStorable } from '../../services/storable-text.js';
import type { Collection, ImagePosition } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, encodeCursor, FIRST, MAX_FIRST, readCursor, toConnection } from './connection.js';
import type { GraphContext } from './context.js';
import { CollectionRef, ImageRef } from './refs.js';
import { checkText, keyText, timeText } from './validation.js';

const imagePosition = z
  .tuple([timeText, keyText])
  .transform(([imageTime, imageId]): ImagePosition => ({ imageTime, imageId }));

const CollectionImageConnection = builder.connectionObject(
  {
    type: ImageRef,
    name: 'CollectionImageConnection',
    description: 'A page of the images in a collection.',
    edgesNullable: false,
    nodeNullable: false,
  },
  { name: 'CollectionImageEdge', description: 'An image and its place in the list.' },
);

builder.node(CollectionRef, {
  description: 'A VisualSnoop collection: a private set of images that can be searched by visual similarity.',
  id: {
    description: 'The global id, stable over restarts and between embedded and remote services.',
    resolve: ({ collectionId }) => collectionId,
  },
  fields: (t) => ({
    collectionId: t.exposeString('collectionId', {
      description: "VisualSnoop's own id, such as 6b7c9142.",
    }),
    name: t.exposeString('name', { nullable: true, description: 'What it is called.' }),
    user: t.exposeString('user', { nullable: true, description: 'Whose it is.' }),
    image: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The image with this id; null when there is none.',
      extensions: callsService,
      args: { imageId: t.arg.string({ required: true, description: 'The id in this collection.' }) },
      resolve: ({ collectionId }, { imageId }, { loaders }) =>
        loaders.collections.image.load({ collectionId, imageId: checkText('imageId', imageId) }),
    }),
    images: t.field({
      type: CollectionImageConnection,
      nullable: true,
      description: 'By imageTime, newest first, then imageId. first: 1 to 100.',
      extensions: callsService,
      args: {
        first: t.arg.int(FIRST),
        after: t.arg.string({ description: 'The endCursor of the page before.' }),
      },
      resolve: async ({ collectionId }, { first, after }, { loaders }) => {
        const limit = checkFirst(first) + 1;
        const position = readCursor(after, imagePosition);
        const page = { collectionId, ...(position && { after: position }), limit };
        const images = await loaders.collections.images.load(page);
        return toConnection(images, first, after, ({ imageTime, imageId }) =>
          encodeCursor(imageTime, imageId),
        );
      },
    }),
  }),
});

/** For `node`: null for a key that no collection has. */
export async function loadCollectionNode(
  collectionId: string,
  { loaders }: GraphContext,
): Promise<Collection | null> {
  if (!isStorable(collectionId)) return null;
  const collection = await loaders.collections.byId.load(collectionId);
  if (collection) brandWithType(collection, CollectionRef);
  return collection;
}

const lastCollection = z.tuple([keyText]).transform(([collectionId]) => collectionId);

const CollectionConnection = builder.connectionObject(
  {
    type: CollectionRef,
    name: 'CollectionConnection',
    description: 'A page of collections.',
    edgesNullable: false,
    nodeNullable: false,
  },
  { name: 'CollectionEdge', description: 'A collection and its place in the list.' },
);

builder.queryFields((t) => ({
  collections: t.field({
    type: CollectionConnection,
    nullable: true,
    description: 'By collectionId. first: 1 to 100.',
    extensions: callsService,
    args: {
      first: t.arg.int({ ...FIRST, defaultValue: MAX_FIRST }),
      after: t.arg.string({ description: 'The endCursor of the page before.' }),
    },
    resolve: async (_root, { first, after }, { loaders }) => {
      const limit = checkFirst(first) + 1;
      const last = readCursor(after, lastCollection);
      const page = { ...(last !== null && { after: last }), limit };
      const collections = await loaders.collections.page.load(page);
      return toConnection(collections, first, after, ({ collectionId }) => encodeCursor(collectionId));
    },
  }),
  collection: t.field({
    type: CollectionRef,
    nullable: true,
    description: 'The collection with this id; null when there is none.',
    extensions: callsService,
    args: { collectionId: t.arg.string({ required: true, description: "VisualSnoop's own id." }) },
    resolve: (_root, { collectionId }, { loaders }) =>
      loaders.collections.byId.load(checkText('collectionId', collectionId)),
  }),
}));
