import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Blobs } from '#src/embedded/blobs/blobs.js';
import { checkFolder } from '#src/embedded/check/check-folder.js';
import type { Finding, FindingKind } from '#src/embedded/check/finding.js';
import { LeaseTakenError, withLease } from '#src/embedded/lease.js';
import type { OpenStorage } from '#src/embedded/open-storage.js';
import type { NewEntry } from '#src/embedded/store/entry-store.js';
import { urlHash } from '#src/embedded/store/postgres/hashes.js';
import { corpusPicture } from '../embedded/corpus.js';
import { imageOf } from '../fakes/moving-bytes.js';
import { openTestEngine, pictures } from '../harness/engine.js';
import { golden } from '../harness/gateway.js';
import { runHere } from '../harness/run-here.js';
import type { SharedServers } from '../harness/shared-servers.js';
import { SharedStorage } from '../harness/shared-storage.js';

const FIG = 'photos/03-fig.jpg';
const BRUSHES = 'photos/04-brushes.jpg';
const WINE = 'photos/05-wine.jpg';
const hashOf = (name: string) => golden(name).blake2b256;
const [fig, brushes, wine] = [FIG, BRUSHES, WINE].map(hashOf) as [string, string, string];
const NAMES = new Map([FIG, BRUSHES, WINE].map((name) => [hashOf(name), name]));
const OTHER = '0'.repeat(64);
const STRAY = `00/00/${OTHER}-stray`;

/** Gives away rows by itself, in the database. */
const setAside = {
  async rows() {
    throw new Error('PostgreSQL keeps the rows that it removes.');
  },
};

export function describeCheck(servers: () => SharedServers): void {
  describe('lookalike check', () => {
    /** What every test begins with a copy of: fig is an entry and an image, brushes an entry, wine an image. */
    let sound: SharedStorage;
    let collectionId: string;
    let shared: SharedStorage;
    let opened: OpenStorage;
    let scratch: string;
    /** Where the bytes are. */
    let places: Map<string, string>;

    beforeAll(async () => {
      scratch = mkdtempSync(join(tmpdir(), 'lookalike-check-'));
      sound = await servers().create();
      const engine = await openTestEngine({ storage: sound });
      collectionId = engine.defaultCollection!.collection.collectionId;
      for (const [name, url] of [
        [FIG, 'https://x.example/fig'],
        [FIG, 'https://x.example/fig-again'],
        [BRUSHES, 'https://x.example/brushes'],
      ] as const) {
        await using staged = await engine.stage(corpusPicture(name));
        await engine.imgcache.store(staged, { url, clientName: 'test' });
      }
      for (const [name, imageId] of [
        [FIG, 'fig'],
        [WINE, 'wine'],
      ] as const) {
        await using staged = await engine.stage(corpusPicture(name));
        await engine.visualsnoop.addImage(collectionId, staged, { imageId });
      }
      await engine.close();
      const rows = await sound.sql(`select encode(content_hash, 'hex') as hash, place from blobs`);
      places = new Map(rows.map(({ hash, place }) => [String(hash), String(place)]));
    });
    afterAll(() => rmSync(scratch, { recursive: true }));

    beforeEach(async () => {
      const copy = `${sound.databaseUrl}_copy`;
      const name = (url: string) => url.slice(url.lastIndexOf('/') + 1);
      const admin = new SharedStorage(sound.databaseUrl.replace(name(sound.databaseUrl), 'postgres'), '');
      await admin.sql(`drop database if exists ${name(copy)} with (force)`);
      await admin.sql(`create database ${name(copy)} template ${name(sound.databaseUrl)}`);
      shared = new SharedStorage(copy, sound.blobsUrl);
      opened = await shared.open();
    });
    afterEach(async () => {
      for (const [hash, place] of places)
        await opened.blobs.put(place, imageOf(hash, corpusPicture(NAMES.get(hash)!)));
      await opened.blobs.remove(STRAY);
      await opened.close();
    });

    const placeOf = (hash: string) => places.get(hash)!;
    const write = (place: string, bytes: Buffer) => opened.blobs.put(place, imageOf(OTHER, bytes));
    const sql = (...statements: string[]) => shared.sql(statements.join(';'));
    /** The objects as they would be hours later: no server lets their times be set. */
    const aged = (): Blobs => {
      const blobs = Object.create(opened.blobs) as Blobs;
      blobs.nameOf = (place) => opened.blobs.nameOf(place);
      for (const method of ['sizeOf', 'open', 'localFile', 'setAside', 'put', 'remove'] as const)
        Object.assign(blobs, { [method]: opened.blobs[method].bind(opened.blobs) });
      blobs.list = async function* () {
        for await (const objects of opened.blobs.list())
          yield objects.map((object) => ({ ...object, modifiedAt: new Date(Date.now() - 2 * 3600_000) }));
      };
      return blobs;
    };
    const folder = (quick = false) => ({ store: opened.store, blobs: aged(), quick, onProgress() {} });
    async function check(quick?: boolean): Promise<Finding[]> {
      const found: Finding[] = [];
      for await (const finding of checkFolder(folder(quick))) found.push(finding);
      return found;
    }
    async function repair(): Promise<FindingKind[]> {
      const found: FindingKind[] = [];
      for await (const finding of checkFolder(folder())) {
        found.push(finding.kind);
        await finding.repair({ ...folder(), pictures, setAside });
      }
      return found;
    }
    const removed = () =>
      shared.sql(`select table_name, removed->>'content_hash' as hash from removed_rows order by id`);

    it('finds nothing where all is as it should be', async () => {
      expect(await check()).toEqual([]);
      expect(await runHere(['check'], shared.env)).toMatchObject({
        code: 0,
        stdout: 'Everything is as it should be.\n',
      });
    });

    interface Damage {
      what: string;
      make(): Promise<unknown>;
      finds: FindingKind[];
      /** A part of the first problem. */
      names?: () => string;
      /** Content hashes of rows that the repair takes away. */
      removes?: string[];
    }
    const without = (table: string, constraint: string) =>
      `alter table ${table} drop constraint ${constraint} cascade`;
    /** The bytes of brushes have an entry in another bucket as well. */
    const inBucket = async (more: Partial<NewEntry> = {}) => {
      const known = (await opened.store.entries.find([brushes])).get(brushes)!;
      const { contentHash, contentType, width, height, fileSizeBytes, clientName, url } = known;
      const facts = { contentHash, contentType, width, height, fileSizeBytes, perceptualHash: null };
      const origin = { url, clientName, originalFilename: null };
      await opened.store.entries.inBucket('b').insert({ ...facts, ...origin, ...more });
    };
    const damages: Damage[] = [
      {
        what: 'an index that is not valid',
        make: () =>
          sql(`update pg_index set indisvalid = false where indexrelid = 'entries_hash_low'::regclass`),
        finds: ['damaged-database'],
        names: () => 'entries_hash_low',
      },
      {
        what: 'images of a collection that is not there',
        make: () =>
          sql(
            without('images', 'images_collection'),
            without('collection_keys', 'collection_keys_collection_id_fkey'),
            'delete from collections',
          ),
        finds: ['missing-collection'],
        names: () => collectionId,
      },
      {
        what: 'a collection without keys',
        make: () => sql('delete from collection_keys'),
        finds: ['collection-without-keys'],
        names: () => collectionId,
      },
      {
        what: 'a URL that is not found',
        make: () => sql(`update entry_urls set url_hash = 'x' where url like '%again'`),
        finds: ['wrong-url-hash'],
        names: () => fig,
      },
      {
        what: 'a URL of no entry',
        make: () =>
          sql(
            without('entry_urls', 'entry_urls_entry'),
            `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
             values (decode('${OTHER}', 'hex'), 'u', decode('${urlHash('u').toString('hex')}', 'hex'), 'c', now(), now())`,
          ),
        finds: ['url-without-entry'],
        names: () => OTHER,
        removes: [OTHER],
      },
      {
        what: 'an entry that is not under its URL',
        make: () => sql(`delete from entry_urls where url like '%brushes'`),
        finds: ['entry-without-url'],
        names: () => brushes,
      },
      {
        what: 'an object that is gone',
        make: () => opened.blobs.remove(placeOf(fig)),
        finds: ['lost-bytes'],
        names: () => fig,
        removes: [fig, fig, fig, fig],
      },
      {
        what: 'an object that was altered',
        make: () => {
          const bytes = corpusPicture(WINE);
          bytes[1000]! ^= 1;
          return write(placeOf(wine), bytes);
        },
        finds: ['corrupt-bytes'],
        names: () => wine,
        removes: [wine],
      },
      {
        what: 'an object that was cut short',
        make: () => write(placeOf(brushes), corpusPicture(BRUSHES).subarray(0, 1000)),
        finds: ['corrupt-bytes'],
        names: () => brushes,
        removes: [brushes, brushes],
      },
      {
        what: 'a wrong size',
        make: () => sql(`update entries set file_size_bytes = 3 where url like '%brushes'`),
        finds: ['wrong-size'],
        names: () => brushes,
      },
      {
        what: 'a URL that is not found in another bucket',
        make: async () => {
          await inBucket();
          return sql(`update all_entry_urls set url_hash = 'x' where bucket = 'b'`);
        },
        finds: ['wrong-url-hash'],
        names: () => brushes,
      },
      {
        what: 'a URL of an entry that only another bucket has',
        make: async () => {
          await inBucket();
          return sql(
            without('bucket_entry_urls', 'bucket_entry_urls_entry'),
            `update bucket_entry_urls set content_hash = decode('${fig}', 'hex')`,
          );
        },
        finds: ['url-without-entry', 'entry-without-url'],
        names: () => fig,
        removes: [fig],
      },
      {
        what: 'an entry that has two sizes in two buckets',
        make: () => inBucket({ fileSizeBytes: 3 }),
        finds: ['wrong-size'],
        names: () => brushes,
      },
      {
        what: 'half a perceptual hash in another bucket',
        make: async () => {
          await inBucket();
          return sql(
            'alter table bucket_entries drop constraint bucket_entries_check',
            'update bucket_entries set hash_high = 1',
          );
        },
        finds: ['broken-hash'],
        names: () => brushes,
      },
      {
        what: 'a count that leaves out the entry in another bucket',
        make: async () => {
          await inBucket();
          return sql(`update blobs set refs = 1 where place = '${placeOf(brushes)}'`);
        },
        finds: ['wrong-count'],
        names: () => `${brushes}: 2, counted: 1`,
      },
      {
        what: 'an object that is gone, of entries in two buckets',
        make: async () => {
          await inBucket();
          await opened.blobs.remove(placeOf(brushes));
        },
        finds: ['lost-bytes'],
        names: () => brushes,
        removes: [brushes, brushes, brushes, brushes],
      },
      {
        what: 'a count that is too great',
        make: () => sql(`update blobs set refs = 7 where place = '${placeOf(fig)}'`),
        finds: ['wrong-count'],
        names: () => `${fig}: 2, counted: 7`,
      },
      {
        what: 'needed bytes that a sweeper would take',
        make: () => sql(`update blobs set refs = 0, released_at = now() where place = '${placeOf(brushes)}'`),
        finds: ['wrong-count'],
        names: () => `${brushes}: 1, counted: 0`,
      },
      {
        what: 'an object that nothing knows',
        make: () => write(STRAY, Buffer.from('mine')),
        finds: ['stray-file'],
        names: () => `${shared.prefix}/${STRAY}`,
      },
      {
        what: 'a second object of known bytes',
        make: () => write(`${placeOf(fig)}0`, corpusPicture(FIG)),
        finds: ['stray-file'],
        names: () => `${shared.prefix}/${placeOf(fig)}0`,
      },
      {
        what: 'half a perceptual hash',
        make: () =>
          sql(
            `do $$ declare name text; begin
               for name in select conname from pg_constraint where conrelid = 'entries'::regclass and contype = 'c'
               loop execute format('alter table entries drop constraint %I', name); end loop; end $$`,
            `update entries set hash_low = null where url like '%fig'`,
          ),
        finds: ['broken-hash'],
        names: () => fig,
      },
      {
        what: 'a descriptor of another form',
        make: () => sql(`update images set descriptor = 'x' where image_id = 'fig'`),
        finds: ['broken-descriptor'],
        names: () => '"fig"',
      },
      {
        what: 'descriptors of another version',
        make: () => sql('update images set descriptor_version = 99'),
        finds: ['outdated-descriptors'],
        names: () => ': 2.',
      },
    ];

    it.each(damages)('finds $what, and repairs it', async ({ make, finds, names, removes = [] }) => {
      await make();
      const found = await check();
      expect(found.map(({ kind }) => kind)).toEqual(finds);
      expect(found[0]!.problem).toContain(names!());
      expect(await repair()).toEqual(finds);
      expect(await check()).toEqual([]);
      expect((await removed()).map(({ hash }) => hash)).toEqual(removes.map((hash) => `\\x${hash}`));
    });

    it('leaves alone what is young, what is noted as garbage, and what is outside of the prefix', async () => {
      await write(STRAY, Buffer.from('young'));
      expect(await runHere(['check', '--json'], shared.env)).toMatchObject({ code: 0, stdout: '' });
      const announced = await opened.store.blobs.announce(OTHER);
      await write(announced, Buffer.from('garbage'));
      const outside = new SharedStorage(
        shared.databaseUrl,
        shared.blobsUrl.replace(`/${shared.prefix}?`, '/other?'),
      );
      const others = await outside.open();
      await others.blobs.put(STRAY, imageOf(OTHER, Buffer.from('somebody else')));
      expect((await check()).map(({ object }) => object)).toEqual([`${shared.prefix}/${STRAY}`]);
      expect(await repair()).toEqual(['stray-file']);
      expect(await others.blobs.sizeOf(STRAY)).toBe(13);
      expect(await opened.blobs.sizeOf(announced)).toBe(7);
      await opened.blobs.remove(announced);
      await others.close();
    });

    it('names the content hash and the key in its JSON', async () => {
      await opened.blobs.remove(placeOf(fig));
      const { code, stdout } = await runHere(['check', '--json', '--quick'], shared.env);
      expect(code).toBe(1);
      expect(
        stdout
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      ).toEqual([
        expect.objectContaining({
          kind: 'lost-bytes',
          contentHash: fig,
          object: `${shared.prefix}/${placeOf(fig)}`,
        }),
      ]);
    });

    it('repairs by the command beside gateways', async () => {
      await sql('update blobs set refs = 7');
      const engine = await openTestEngine({ storage: shared });
      const env = { ...shared.env, LOOKALIKE_DATA_DIR: join(scratch, 'data') };
      expect(await runHere(['check', '--repair'], env)).toMatchObject({ code: 0, stderr: '' });
      await engine.close();
      expect(await check()).toEqual([]);
      expect(await shared.sql('select * from leases')).toEqual([]);
    });

    it('keeps rows whose bytes came again between the finding and the repair', async () => {
      await opened.blobs.remove(placeOf(fig));
      const [lost] = await check();
      expect(lost!.kind).toBe('lost-bytes');
      const engine = await openTestEngine({ storage: shared });
      await using staged = await engine.stage(corpusPicture(FIG));
      await engine.imgcache.store(staged, { url: 'https://x.example/once-more', clientName: 'test' });
      await engine.close();
      await lost!.repair({ ...folder(), pictures, setAside });
      expect(await removed()).toEqual([]);
      const urls = await opened.store.entries.findUrls([fig]);
      expect(urls.get(fig)).toContain('https://x.example/once-more');
    });

    it('leaves keys that somebody made between the finding and the repair', async () => {
      await sql('delete from collection_keys');
      const [finding] = await check();
      const keys = { publicKey: 'mine', secretKey: 'secret' };
      await opened.store.collections.replaceKeys(collectionId, keys, '2024-01-01T00:00:00.000000Z');
      await finding!.repair({ ...folder(), pictures, setAside });
      expect(await opened.store.collections.listKeys(collectionId)).toEqual([keys]);
    });

    it('repairs one at a time, and takes over from a process that is gone', async () => {
      const { leases } = opened.store;
      const env = { ...shared.env, LOOKALIKE_DATA_DIR: join(scratch, 'data') };
      await withLease(leases, 'check --repair', async () => {
        const { code, stderr } = await runHere(['check', '--repair', '--quick'], env);
        expect(code).toBe(1);
        expect(stderr).toMatch(/^lookalike: Another check --repair is running: process \d+ on .*\n$/);
        await expect(withLease(leases, 'check --repair', async () => {})).rejects.toThrow(LeaseTakenError);
      });
      await leases.take('check --repair', 'somebody who was killed', 60_000);
      await sql(`update leases set expires_at = now() - interval '1 second'`);
      expect(await runHere(['check', '--repair', '--quick'], env)).toMatchObject({ code: 0 });
      expect(await shared.sql('select * from leases')).toEqual([]);
    });

    it('renews its lease, and stops when it is lost nevertheless', async () => {
      const { leases } = opened.store;
      const work = withLease(
        leases,
        'work',
        async (signal) => {
          const [before] = await shared.sql('select expires_at from leases');
          await expect
            .poll(async () => String((await shared.sql('select expires_at from leases'))[0]!.expires_at))
            .not.toBe(String(before!.expires_at));
          await sql(`update leases set holder = 'another', expires_at = now() + interval '1 hour'`);
          await expect.poll(() => signal.aborted).toBe(true);
          signal.throwIfAborted();
        },
        900,
      );
      await expect(work).rejects.toThrow('another has taken over');
      expect(await shared.sql('select holder from leases')).toEqual([{ holder: 'another' }]);
    });
  });
}
