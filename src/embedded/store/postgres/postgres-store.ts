import type { EntryStore } from '../entry-store.js';
import type { Store } from '../store.js';
import { PostgresAudit } from './audit.js';
import { blobPlaces } from './blob-places.js';
import { bucketReads } from './buckets.js';
import { collectionStore } from './collections.js';
import { decisionRows } from './decisions.js';
import { deleteCollection } from './deleted-collections.js';
import { entryReads } from './entries.js';
import { asTransactions } from './failures.js';
import { imageReads } from './images.js';
import { leaseRows } from './leases.js';
import { outdatedImages } from './outdated-images.js';
import { deleteImage, putImage } from './put-image.js';
import { secretRows } from './secrets.js';
import { deleteEntry, insertEntry } from './store-entry.js';
import type { Db } from './tables.js';
import { PostgresTransfer } from './transfer.js';

/** The operations of the embedded services on a PostgreSQL database that many gateways share. */
export function createPostgresStore(db: Db): Store {
  return {
    entries: entriesIn(db, ''),
    buckets: asTransactions(bucketReads(db)),
    images: {
      ...asTransactions(imageReads(db)),
      ...asTransactions(outdatedImages(db)),
      put: putImage.bind(null, db),
      delete: deleteImage.bind(null, db),
    },
    collections: { ...asTransactions(collectionStore(db)), delete: deleteCollection.bind(null, db) },
    blobs: asTransactions(blobPlaces(db)),
    audit: new PostgresAudit(db),
    transfer: new PostgresTransfer(db),
    leases: asTransactions(leaseRows(db)),
    secrets: asTransactions(secretRows(db)),
    decisions: decisionRows(db),
  };
}

function entriesIn(db: Db, bucket: string): EntryStore {
  return {
    ...asTransactions(entryReads(db, bucket)),
    inBucket: (other) => entriesIn(db, other),
    insert: insertEntry.bind(null, db, bucket),
    delete: deleteEntry.bind(null, db, bucket),
  };
}
