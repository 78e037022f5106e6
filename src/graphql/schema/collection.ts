import { brandWithType } from '@pothos/core';
import { z } from 'zod';
import { isStorable } from '../../services/storable-text.js';
import type { Collection } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { AFTER, BEFORE, FIRST, LAST, MAX_FIRST, rangeOf, readPage, toConnection } from './connection.js';
import type { GraphContext } from './context.js';
import { encodeCursor, readCursor } from './cursor.js';
import {
  ImageFilterInput,
  ImageOrderEnum,
  imageCursors,
  REVERSE_IMAGE_ORDER,
  readImageFilter,
} from './image-list.js';
import { CollectionRef, ImageRef } from './refs.js';
import { checkText, keyText } from './validation.js';

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
      description:
        'first or last: 1 to 100. Cursors survive deletions, and are good for the order that they are of.',
      extensions: callsService,
      args: {
        filter: t.arg({ type: ImageFilterInput, description: 'Absent means all images.' }),
        first: t.arg.int(FIRST),
        after: t.arg.string(AFTER),
        last: t.arg.int(LAST),
        before: t.arg.string(BEFORE),
        orderBy: t.arg({
          type: ImageOrderEnum,
          required: true,
          defaultValue: 'NEWEST_FIRST',
          description: 'What the list is sorted by.',
        }),
      },
      resolve: async ({ collectionId }, { filter: given, orderBy, ...args }, { loaders }, info) => {
        const page = readPage(args, info, imageCursors.read.bind(imageCursors, orderBy));
        const filter = readImageFilter(given ?? {});
        const order = page.backwards ? REVERSE_IMAGE_ORDER[orderBy] : orderBy;
        const images = await loaders.collections.images.load({
          collectionId,
          order,
          filter,
          ...rangeOf(page),
        });
        return toConnection(images, page, imageCursors.encode.bind(imageCursors, orderBy), () =>
          loaders.collections.imageCount.load({ collectionId, filter }),
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

const collectionPlace = z.tuple([keyText]).transform(([collectionId]) => collectionId);

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
    description: 'By collectionId. first or last: 1 to 100.',
    extensions: callsService,
    args: {
      first: t.arg.int({ ...FIRST, defaultValue: MAX_FIRST }),
      after: t.arg.string(AFTER),
      last: t.arg.int(LAST),
      before: t.arg.string(BEFORE),
    },
    resolve: async (_root, args, { loaders }, info) => {
      const page = readPage(args, info, (...given) => readCursor(...given, collectionPlace), MAX_FIRST);
      const order = page.backwards ? 'DESCENDING' : 'ASCENDING';
      const collections = await loaders.collections.page.load({ order, ...rangeOf(page) });
      return toConnection(
        collections,
        page,
        ({ collectionId }) => encodeCursor(collectionId),
        () => loaders.collections.countAll(),
      );
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
