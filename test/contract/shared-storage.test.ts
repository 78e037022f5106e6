import pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Storage } from '#src/embedded/open-storage.js';
import { startWireServer } from '../fakes/wire-server.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { bouncerMissing } from '../harness/postgres.js';
import { isLong, titleOfLong } from '../harness/repetitions.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import { describeImgCache, type ImgCacheSubject } from './imgcache-contract.js';
import { replayNewerImgCache } from './imgcache-newer-replay.js';
import { imgCacheOverTheWire, visualSnoopOverTheWire } from './over-the-wire.js';
import {
  describeVisualSnoop,
  EMBEDDED,
  OVER_THE_WIRE,
  type VisualSnoopSubject,
} from './visualsnoop-contract.js';

type Shared = Extract<Storage, { kind: 'SHARED' }>;

/** One engine for all tests, as its start is dear. */
class Subject {
  readonly #open: () => Promise<Shared>;
  #engine!: TestEngine;
  #database!: pg.Client;

  constructor(open: () => Promise<Shared>) {
    this.#open = open;
    beforeAll(async () => {
      const storage = await this.#open();
      this.#engine = await openTestEngine({ storage });
      this.#database = new pg.Client(storage.databaseUrl);
      await this.#database.connect();
    });
    afterAll(async () => {
      await this.#database.end();
      await this.#engine.close();
    });
  }

  /** The engine without entries, images and collections. What it remembers of them it learns to be gone, as of any change. */
  async empty(): Promise<TestEngine> {
    for (const statement of EMPTYING) await this.#database.query(statement);
    return this.#engine;
  }

  async imgcache(): Promise<ImgCacheSubject> {
    const { imgcache, stage } = await this.empty();
    return { imgcache, stage, close: async () => {} };
  }

  async imgcacheOverTheWire(): Promise<ImgCacheSubject> {
    const engine = await this.empty();
    const { service, close } = await imgCacheOverTheWire(engine);
    return { imgcache: service, stage: engine.stage, close };
  }

  async visualsnoop(): Promise<VisualSnoopSubject> {
    const { engine, collectionIds } = await this.#withCollections();
    const { visualsnoop, stage } = engine;
    return { visualsnoop, collectionIds, stage, dispose: async () => {} };
  }

  async visualsnoopOverTheWire(): Promise<VisualSnoopSubject> {
    const { engine, keys, collectionIds } = await this.#withCollections();
    const { service, close } = await visualSnoopOverTheWire(engine, keys);
    return { visualsnoop: service, collectionIds, stage: engine.stage, dispose: close };
  }

  /** Two collections, in the order of their ids. */
  async #withCollections() {
    const engine = await this.empty();
    const input = { name: 'test', user: 'a@example.org' };
    const keys = [
      await engine.visualsnoop.createCollection(input),
      await engine.visualsnoop.createCollection(input),
    ];
    const [first, second] = keys.map(({ collection }) => collection.collectionId).toSorted();
    return { engine, keys, collectionIds: [first!, second!] as const };
  }
}

const EMPTYING = [
  `with gone as (delete from all_entries returning seq) insert into changes (seq) select seq from gone`,
  `with gone as (delete from images returning seq, collection_id)
   insert into changes (seq, collection_id) select seq, collection_id from gone`,
  'delete from collection_keys',
  'delete from collections',
  'delete from blobs',
];

const title = 'Over PostgreSQL and S3';

describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    let servers: SharedServers;
    beforeAll(async () => {
      servers = await SharedServers.start();
    });
    afterAll(() => servers?.[Symbol.asyncDispose]());

    describe('directly', () => {
      const subject = new Subject(() => servers.create());
      describeImgCache('The embedded imgcache', () => subject.imgcache());
      describeVisualSnoop('The embedded VisualSnoop', () => subject.visualsnoop(), EMBEDDED);
      replayNewerImgCache('The newer wire', async () => startWireServer(await subject.empty()));
    });

    describe.skipIf(!isLong)(titleOfLong('the contract over the wire of PostgreSQL and S3'), () => {
      const subject = new Subject(() => servers.create());
      describeImgCache('The remote imgcache', () => subject.imgcacheOverTheWire(), { lacksBuckets: true });
      describeVisualSnoop('The remote VisualSnoop', () => subject.visualsnoopOverTheWire(), OVER_THE_WIRE);
    });

    const bounced = 'the contract behind pgbouncer';
    describe.skipIf(bouncerMissing || !isLong)(
      bouncerMissing ? `${bounced} (${bouncerMissing})` : titleOfLong(bounced),
      () => {
        const subject = new Subject(async () => servers.bounced(await servers.create()));
        describeImgCache('The embedded imgcache', () => subject.imgcache());
        describeVisualSnoop('The embedded VisualSnoop', () => subject.visualsnoop(), EMBEDDED);
      },
    );
  },
);
