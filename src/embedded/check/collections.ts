import { now } from '../../services/timestamp.js';
import { createKeys } from '../new-collection.js';
import type { CheckedFolder, Finding } from './finding.js';

export async function* checkCollections({ store: { audit } }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of audit.missingCollections()) {
    for (const { collectionId } of rows) {
      yield {
        kind: 'missing-collection',
        problem: `There are images or keys of the collection ${collectionId}, which is not there.`,
        remedy: 'It is made anew under its id, without a name.',
        repair: ({ store }) => store.audit.insertNamelessCollection(collectionId, now()),
      };
    }
  }
  for await (const rows of audit.collectionsWithoutKeys()) {
    for (const { collectionId } of rows) {
      yield {
        kind: 'collection-without-keys',
        problem: `The collection ${collectionId} has no keys.`,
        remedy: 'It gets a new pair.',
        repair: ({ store }) => store.audit.addMissingKeys(collectionId, createKeys(), now()),
      };
    }
  }
}
