import { requireCollections } from '../loaders/require-collections.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, FIRST } from './connection.js';
import { EntryRef, ImageRef } from './refs.js';
import { checkCollectionIds } from './validation.js';

builder.objectFields(EntryRef, (t) => ({
  collectionImages: t.field({
    type: [ImageRef],
    nullable: true,
    description:
      'The same picture in the collections. A remote VisualSnoop finds only images whose id is the content hash.',
    extensions: callsService,
    args: {
      collectionIds: t.arg.stringList({
        description: 'At most 100 collections, each of which is there; null means all.',
      }),
      first: t.arg.int(FIRST),
    },
    resolve: async ({ contentHash }, { collectionIds: ids, first }, { loaders }) => {
      const limit = checkFirst(first);
      const collectionIds = ids ? checkCollectionIds(ids) : null;
      if (collectionIds) await requireCollections(collectionIds, loaders);
      return [...(await loaders.collections.copies.load({ contentHash, collectionIds, limit }))];
    },
  }),
}));
