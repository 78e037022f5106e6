import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { KEYPOINTS_VERSION } from '#src/embedded/keypoints/keypoints.js';
import { DESCRIPTOR_VERSION } from '#src/embedded/picture/descriptor.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import type { NewBytes } from '#src/embedded/store/blob-store.js';
import type { EntryCounts } from '#src/embedded/store/counts.js';
import type { DecisionRows } from '#src/embedded/store/decisions.js';
import type { NewEntry } from '#src/embedded/store/entry-store.js';
import type { LookRows } from '#src/embedded/store/looks.js';
import {
  openDuplicateRows,
  openEntryRows,
  openImageRows,
  openStore,
  type StoreAddress,
} from '#src/embedded/store/open-store.js';
import type { HashIndex, HashRows, ImageRows } from '#src/embedded/store/rows.js';
import type { NewImage, Store } from '#src/embedded/store/store.js';
import type { UrlSearch } from '#src/embedded/store/url-search.js';
import { bouncerMissing, createDatabase, postgresMissing, startBouncer } from '../../../harness/postgres.js';
import { missingUnlessLong } from '../../../harness/repetitions.js';
import { sharePostgres } from '../../../harness/run-servers.js';

/** A store with all that follows it. */
export interface ContractStore {
  store: Store;
  hashIndex: HashIndex;
  urlSearch: UrlSearch;
  counts: EntryCounts;
  hashes: HashRows;
  images: ImageRows;
  decisions: DecisionRows;
  looks: LookRows;
  close(): Promise<void>;
}

/** An implementation of the store, and where its databases come from. */
export interface Implementation {
  name: string;
  /** Why it is skipped here; null where it runs. */
  missing: string | null;
  /** Makes what the databases need. */
  start(): Promise<{ open(): Promise<ContractStore>; stop(): Promise<void> }>;
}

const sqlite: Implementation = {
  name: 'SQLite',
  missing: null,
  async start() {
    return { open: openSqlite, stop: async () => {} };
  },
};

async function openSqlite(): Promise<ContractStore> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-store-'));
  const opened = await openContractStore({ kind: 'SQLITE', path: join(folder, 'lookalike.db') });
  return {
    ...opened,
    async close() {
      await opened.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Opens a store as an engine and its threads do. */
export async function openContractStore(address: StoreAddress): Promise<ContractStore> {
  const opened = await openStore(address);
  const entries = await openEntryRows(address);
  const images = await openImageRows(address, DESCRIPTOR_VERSION);
  const duplicates = await openDuplicateRows(address, DESCRIPTOR_VERSION);
  return {
    ...opened,
    urlSearch: opened.urlSearch ?? entries.urlSearch,
    counts: opened.counts ?? entries.counts,
    hashes: entries.hashes,
    images: images.images,
    decisions: duplicates.decisions,
    looks: duplicates.looks,
    async close() {
      await duplicates.close();
      await entries.close();
      await images.close();
      await opened.close();
    },
  };
}

const openPostgres = (url: string) => openContractStore({ kind: 'POSTGRES', url });

const postgres: Implementation = {
  name: 'PostgreSQL',
  missing: postgresMissing,
  async start() {
    const server = await sharePostgres();
    return {
      open: async () => openPostgres(await createDatabase(server, server.template)),
      stop: server.stop,
    };
  },
};

const bouncer: Implementation = {
  name: 'PostgreSQL behind pgbouncer',
  missing: bouncerMissing ?? missingUnlessLong('the contract of stores behind pgbouncer'),
  async start() {
    const server = await sharePostgres();
    const between = await startBouncer(server);
    return {
      open: async () => openPostgres(between.through(await createDatabase(server, server.template))),
      async stop() {
        await between.stop();
        await server.stop();
      },
    };
  },
};

const implementations: readonly Implementation[] = [sqlite, postgres, bouncer];

/**
 * A suite that runs over every implementation.
 * @param suite is given what opens an empty store, for each test or once
 */
export function describeStores(name: string, suite: (open: () => Promise<ContractStore>) => void): void {
  for (const { name: implementation, missing, start } of implementations) {
    const title = missing ? `${name}: ${implementation} (${missing})` : `${name}: ${implementation}`;
    describe.skipIf(missing)(title, () => {
      let started: Awaited<ReturnType<typeof start>>;
      const opened: ContractStore[] = [];
      beforeAll(async () => {
        started = await start();
      });
      afterAll(async () => {
        for (const store of opened) await store.close();
        await started?.stop();
      });
      suite(async () => {
        const store = await started.open();
        opened.push(store);
        return store;
      });
    });
  }
}

/** A content hash for each number. */
export function hashOf(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex');
}

export function newEntry(number: number, more: Partial<NewEntry> = {}): NewEntry {
  return {
    contentHash: hashOf(number),
    url: `https://x.example/${number}`,
    contentType: 'image/png',
    fileSizeBytes: 1,
    originalFilename: null,
    width: 1,
    height: 1,
    perceptualHash: null,
    clientName: 'test',
    ...more,
  };
}

export function newImage(collectionId: string, imageId: string, number: number): NewImage {
  const descriptor = Buffer.from([DESCRIPTOR_VERSION, number & 0xff, 0, 255]);
  return {
    collectionId,
    imageId,
    contentHash: hashOf(number),
    descriptor,
    ...VERSIONS,
    keypoints: Buffer.from([KEYPOINTS_VERSION, number & 0xff, 255]),
  };
}

/** Announces bytes as if they were about to be written, for the row that comes to need them. */
export async function writeBytes(store: Store, contentHash: string): Promise<NewBytes> {
  const known = await store.blobs.findPlace(contentHash);
  const place = await store.blobs.announce(contentHash);
  return known === null ? { place } : { place, replaces: known };
}

/** Stores an entry whose bytes have just been written. */
export async function insert(store: Store, entry: NewEntry) {
  return store.entries.insert(entry, await writeBytes(store, entry.contentHash));
}

/** Puts an image whose bytes have just been written. */
export async function put(store: Store, image: NewImage, updateExisting = false) {
  return store.images.put(image, updateExisting, await writeBytes(store, image.contentHash));
}

export async function addCollection(store: Store, collectionId: string): Promise<void> {
  const collection = { collectionId, name: collectionId, user: null };
  const keys = { publicKey: `public ${collectionId}`, secretKey: 'secret' };
  await store.collections.insert({ collection, ...keys }, '2024-01-01T00:00:00.000000Z');
}
