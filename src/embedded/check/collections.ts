import { now } from '../../services/timestamp.js';
import { rotateKeys } from '../new-collection.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const MISSING = `
  select collection_id as collectionId from
    (select collection_id from images union select collection_id from collection_keys)
  where collection_id > ? and collection_id not in (select collection_id from collections)
  order by collection_id limit ?`;

const WITHOUT_KEYS = `
  select collection_id as collectionId from collections
  where collection_id > ? and collection_id not in (select collection_id from collection_keys)
  order by collection_id limit ?`;

type Row = { collectionId: string };

export async function* checkCollections({ database }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of batches<Row, 'collectionId'>(database, MISSING, 'collectionId', '')) {
    for (const { collectionId } of rows) {
      yield {
        kind: 'missing-collection',
        problem: `There are images or keys of the collection ${collectionId}, which is not there.`,
        remedy: 'It is made anew under its id, without a name.',
        async repair({ store }) {
          await store
            .insertInto('collections')
            .values({ collection_id: collectionId, name: null, user: null, created_at: now() })
            .execute();
        },
      };
    }
  }
  for await (const rows of batches<Row, 'collectionId'>(database, WITHOUT_KEYS, 'collectionId', '')) {
    for (const { collectionId } of rows) {
      yield {
        kind: 'collection-without-keys',
        problem: `The collection ${collectionId} has no keys.`,
        remedy: 'It gets a new pair.',
        async repair({ store }) {
          await rotateKeys(store, collectionId);
        },
      };
    }
  }
}
