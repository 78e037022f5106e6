import type Database from 'libsql';
import type { EntryStore, NewEntry } from '../entry-store.js';
import { NO_OTHERS } from '../leases.js';
import type { Store } from '../store.js';
import { SqliteAudit } from './audit.js';
import * as blake3 from './blake3.js';
import * as blobs from './blob-refs.js';
import { bucketReads, listPrefixes } from './buckets.js';
import * as collections from './collections.js';
import { decisionRows } from './decisions.js';
import { emptyDeletedCollections } from './deleted-collections.js';
import * as entries from './entries.js';
import { createEntryFinder, type EntryFinder } from './entry-finder.js';
import { GroupCommit } from './group-commit.js';
import * as imageLists from './image-lists.js';
import * as images from './images.js';
import * as outdated from './outdated-images.js';
import { secretRows } from './secrets.js';
import type { Statements } from './statements.js';
import { deleteEntry, insertEntry } from './store-entry.js';
import type { Db } from './tables.js';
import { SqliteTransfer } from './transfer.js';

/** The operations of the embedded services on an SQLite database. */
export function createSqliteStore(
  db: Db,
  connection: Database.Database,
  statements: Statements,
  sync: () => Promise<void>,
): Store {
  const rows = new GroupCommit({ db, statements }, sync);
  const insert: EntryInsert = (bucket, entry) => rows.run(() => insertEntry(statements, bucket, entry));
  return {
    entries: entriesIn(db, '', createEntryFinder(db, statements), insert),
    buckets: bucketReads(db, statements),
    images: {
      find: images.findImages.bind(null, db),
      list: imageLists.listImages.bind(null, db),
      count: imageLists.countImages.bind(null, db),
      listNewest: images.listNewestImages.bind(null, db),
      findByContentHash: images.findImagesByContentHash.bind(null, db),
      put: images.putImage.bind(null, db),
      delete: images.deleteImage.bind(null, db),
      countOutdated: outdated.countOutdatedImages.bind(null, db),
      listOutdated: outdated.listOutdatedImages.bind(null, db),
      releaseOutdated: async () => {},
      replaceDescription: outdated.replaceDescription.bind(null, db),
    },
    collections: {
      find: collections.findCollections.bind(null, db),
      list: collections.listCollections.bind(null, db),
      count: collections.countCollections.bind(null, db),
      insert: collections.insertCollection.bind(null, db),
      insertFirst: collections.insertFirstCollection.bind(null, db),
      rename: collections.renameCollection.bind(null, db),
      delete: collections.deleteCollection.bind(null, db),
      emptyDeleted: emptyDeletedCollections.bind(null, db),
      listKeys: collections.listCollectionKeys.bind(null, db),
      replaceKeys: collections.replaceCollectionKeys.bind(null, db),
      findKey: collections.findCollectionKey.bind(null, db),
    },
    blobs: {
      findPlace: async (contentHash) => contentHash,
      findPlaces: async (contentHashes) => new Map(contentHashes.map((hash) => [hash, hash])),
      announce: blobs.announceBlob.bind(null, { db, statements }),
      // A sweep waits here for whoever is writing, so that no note is forgotten too early.
      announceAgain: async () => {},
      findReleased: blobs.findReleasedBlobs.bind(null, db),
      findInterrupted: blobs.findInterruptedBlobs.bind(null, db),
      claim: blobs.claimBlob.bind(null, db),
      forget: blobs.forgetBlob.bind(null, db),
      findBlake3: blake3.findBlake3.bind(null, db),
      findByBlake3: blake3.findByBlake3.bind(null, db),
      listWithoutBlake3: blake3.listWithoutBlake3.bind(null, db),
      setBlake3: blake3.setBlake3.bind(null, db),
    },
    audit: new SqliteAudit(db, connection),
    transfer: new SqliteTransfer(connection),
    leases: NO_OTHERS,
    secrets: secretRows(db),
    decisions: decisionRows(db),
  };
}

type EntryInsert = (bucket: string, entry: NewEntry) => ReturnType<EntryStore['insert']>;

function entriesIn(db: Db, bucket: string, find: EntryFinder, insert: EntryInsert): EntryStore {
  return {
    inBucket: (other) => entriesIn(db, other, find, insert),
    find: find.bind(null, bucket),
    findBySeq: entries.findEntriesBySeq.bind(null, db, bucket),
    findByUrl: entries.findEntriesByUrl.bind(null, db, bucket),
    findUrls: entries.findUrls.bind(null, db, bucket),
    findOrigins: entries.findOrigins.bind(null, db, bucket),
    countUrls: entries.countUrls.bind(null, db, bucket),
    listPrefixes: listPrefixes.bind(null, db, bucket),
    list: entries.listEntries.bind(null, db, bucket),
    insert: (entry) => insert(bucket, entry),
    delete: deleteEntry.bind(null, db, bucket),
    ping: entries.pingEntries.bind(null, db),
  };
}
