import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry, EntryMatch, EntryOrigin, EntryQuery, ImgCache } from '#src/services/imgcache/api.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { distanceBetween } from '../fakes/memory-imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';

export interface ImgCacheSubject {
  /** Empty at the start. */
  imgcache: ImgCache;
  stage(bytes: Buffer): Promise<StagedImage>;
  /** False for a remote original, which drops every URL of the same bytes but the first. */
  remembersAllUrls: boolean;
  close(): Promise<void>;
}

const UNKNOWN = '0'.repeat(64);

/** Every implementation of ImgCache must pass this. */
export function describeImgCache(name: string, start: () => Promise<ImgCacheSubject>): void {
  describe(name, () => {
    let subject: ImgCacheSubject;
    let imgcache: ImgCache;

    beforeEach(async () => {
      subject = await start();
      ({ imgcache } = subject);
    });
    afterEach(() => subject.close());

    async function store(content: string | Buffer, origin: Partial<EntryOrigin> = {}) {
      await using image = await subject.stage(Buffer.from(content));
      return imgcache.store(image, {
        url: `https://x.example/${image.contentHash}`,
        clientName: 'c',
        ...origin,
      });
    }
    async function stored(content: string | Buffer, origin: Partial<EntryOrigin> = {}): Promise<Entry> {
      return (await store(content, origin)).entry;
    }
    const storedAt = (url: string): Promise<Entry> => stored(`bytes of ${url}`, { url });
    const find = (query: Partial<EntryQuery>): Promise<Entry[]> =>
      collect(imgcache.search({ order: 'OLDEST_FIRST', ...query }));
    const findUrls = async (urlContains: string): Promise<string[]> =>
      (await find({ filter: { urlContains } })).map(({ url }) => url);

    describe('getMeta', () => {
      it('answers in the order of the keys, with null for what is not there and twice for what is asked twice', async () => {
        const [a, b] = [await stored('a'), await stored('b')];
        const keys = [b.contentHash, UNKNOWN, a.contentHash, b.contentHash];
        expect(await imgcache.getMeta(keys)).toEqual([b, null, a, b]);
      });

      it('answers nothing to nothing', async () => {
        expect(await imgcache.getMeta([])).toEqual([]);
      });

      it('knows only the exact hash', async () => {
        const { contentHash } = await stored('a');
        const keys = [contentHash.toUpperCase(), contentHash.slice(0, 63), ` ${contentHash}`, '', '../x'];
        expect(await imgcache.getMeta(keys)).toEqual(keys.map(() => null));
      });
    });

    describe('store', () => {
      it('creates an entry that says what is known of the bytes', async () => {
        const bytes = tinyPicture('0123456789abcdef');
        const { entry, status } = await store(bytes, {
          url: 'https://a.example/p/q.png?x#y',
          clientName: 'me',
        });
        expect(status).toBe('CREATED');
        await using image = await subject.stage(bytes);
        expect(entry).toMatchObject({
          contentHash: image.contentHash,
          url: 'https://a.example/p/q.png?x#y',
          urls: ['https://a.example/p/q.png?x#y'],
          contentType: 'image/png',
          fileSizeBytes: bytes.length,
          originalFilename: 'q.png',
          width: 9,
          height: 8,
          perceptualHash: '0123456789abcdef',
          clientName: 'me',
        });
      });

      it('takes bytes that are no picture, and no bytes at all', async () => {
        for (const content of ['text', '']) {
          const { entry, status } = await store(content);
          expect(status).toBe('CREATED');
          expect(entry).toMatchObject({
            contentType: 'application/octet-stream',
            fileSizeBytes: content.length,
            width: null,
            height: null,
            perceptualHash: null,
          });
        }
      });

      it('changes nothing when bytes and URL are there', async () => {
        const first = await stored('a', {
          url: 'https://a.example/1',
          lookupTime: '2024-01-01T00:00:00.000000Z',
        });
        const again = await store('a', {
          url: 'https://a.example/1',
          clientName: 'other',
          lookupTime: '2025-01-01T00:00:00.000000Z',
        });
        expect(again).toEqual({ status: 'UNCHANGED', entry: first });
        expect(await find({})).toEqual([first]);
      });

      it('adds a second URL to the entry and leaves the rest of it', async () => {
        const first = await stored('a', { url: 'https://a.example/1' });
        const { entry, status } = await store('a', { url: 'https://b.example/2', clientName: 'other' });
        expect(status).toBe(subject.remembersAllUrls ? 'URL_ADDED' : 'UNCHANGED');
        const urls = subject.remembersAllUrls ? ['https://a.example/1', 'https://b.example/2'] : first.urls;
        expect(entry).toEqual({ ...first, urls });
        expect(await imgcache.getMeta([first.contentHash])).toEqual([entry]);
      });

      it('makes one entry of the same bytes stored many times at once', async () => {
        const results = await Promise.all(
          Array.from({ length: 16 }, () => store('same', { url: 'https://a.example/same' })),
        );
        expect(results.filter(({ status }) => status === 'CREATED')).toHaveLength(1);
        expect(results.filter(({ status }) => status === 'UNCHANGED')).toHaveLength(15);
        expect(await find({})).toEqual([results[0]!.entry]);
      });

      it('keeps every URL of the same bytes stored under many at once', async () => {
        const urls = Array.from({ length: 8 }, (_, index) => `https://a.example/${index}`);
        const results = await Promise.all(urls.map((url) => store('same', { url })));
        expect(results.filter(({ status }) => status === 'CREATED')).toHaveLength(1);
        const [entry] = await find({});
        if (subject.remembersAllUrls) expect([...entry!.urls].sort()).toEqual(urls);
        expect(entry!.urls[0]).toBe(entry!.url);
      });

      it('keeps times to the microsecond', async () => {
        for (const lookupTime of [
          '2024-02-29T23:59:59.123456Z',
          '0001-01-01T00:00:00.000000Z',
          '9999-12-31T23:59:59.999999Z',
          '2024-01-01T00:00:00.000001Z',
          '2024-01-01T00:00:00.500000Z',
        ]) {
          const { contentHash } = await stored(lookupTime, { lookupTime });
          expect((await imgcache.getMeta([contentHash]))[0]?.lookupTime).toBe(lookupTime);
        }
      });

      it('takes now where no time is given', async () => {
        const before = new Date(Date.now() - 60_000).toISOString();
        const after = new Date(Date.now() + 60_000).toISOString();
        const { lookupTime, createdAt } = await stored('a');
        for (const time of [lookupTime, createdAt]) {
          expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
          expect(time > before && time < after).toBe(true);
        }
      });

      it('gives later entries a later createdAt', async () => {
        const entries = [];
        for (const content of ['a', 'b', 'c', 'd']) entries.push(await stored(content));
        const times = entries.map(({ createdAt }) => createdAt);
        expect(new Set(times).size).toBe(times.length);
        expect([...times].sort()).toEqual(times);
      });

      it.each([
        ['https://a.example/img/bridge.jpg?w=1#frag', 'bridge.jpg'],
        ['https://u.example/a%20b.jpg', 'a%20b.jpg'],
        ['https://u.example/dir/', null],
        ['https://u.example', null],
        ['https://u.example/a;b=c.jpg', 'a'],
        ['C:\\pics\\y.jpg', '\\pics\\y.jpg'],
        ['data:image/png;base64,AAAA/BBBB', 'BBBB'],
        ['https://[bad/x.jpg', null],
        ['not a url', 'not a url'],
        ['', null],
        ['https://u.example/写真.jpg', '写真.jpg'],
      ])('names the file of %j by the last segment of its path: %j', async (url, filename) => {
        expect((await stored('a', { url })).originalFilename).toBe(filename);
      });

      it('takes the file name that is given, unless it is remote', async () => {
        const { originalFilename } = await stored('a', {
          url: 'https://a.example/b.jpg',
          filename: 'mine.jpg',
        });
        expect(originalFilename).toBe(imgcache.mode === 'EMBEDDED' ? 'mine.jpg' : 'b.jpg');
      });

      it('keeps any text as it is', async () => {
        const url = '   \n\t"\\%_😀 日本語 e\u0301 é \u0001\u2028';
        const { contentHash } = await stored('a', { url, clientName: url });
        expect((await imgcache.getMeta([contentHash]))[0]).toMatchObject({ url, clientName: url });
      });
    });

    describe('lookup', () => {
      it('answers in the order of the keys, with null for what is not there and twice for what is asked twice', async () => {
        const [a, b] = [await storedAt('https://x.example/a'), await storedAt('https://x.example/b')];
        expect(await imgcache.lookup([b.url, 'https://x.example/no', a.url, b.url])).toEqual([b, null, a, b]);
        expect(await imgcache.lookup([])).toEqual([]);
      });

      it('finds an entry by every URL that it remembers', async () => {
        await stored('a', { url: 'https://x.example/1' });
        const { entry } = await store('a', { url: 'https://x.example/2' });
        const urls = subject.remembersAllUrls ? ['https://x.example/2', 'https://x.example/1'] : [entry.url];
        expect(await imgcache.lookup(urls)).toEqual(urls.map(() => entry));
      });

      it('gives the newest entry of a URL, and the older one again when that is deleted', async () => {
        const url = 'https://x.example/same';
        const older = await stored('older', { url });
        const newer = await stored('newer', { url });
        expect(await imgcache.lookup([url])).toEqual([newer]);
        await imgcache.delete(newer.contentHash);
        expect(await imgcache.lookup([url])).toEqual([older]);
        await imgcache.delete(older.contentHash);
        expect(await imgcache.lookup([url])).toEqual([null]);
      });

      it('tells URLs apart by case, encoding, normal form, spaces, query and fragment', async () => {
        const urls = [
          'https://u.example/a',
          'https://U.example/a',
          'https://u.example/A',
          'https://u.example/a ',
          'https://u.example/%61',
          'https://u.example/日.jpg',
          'https://u.example/%E6%97%A5.jpg',
          'https://u.example/caf\u00e9',
          'https://u.example/cafe\u0301',
          'https://u.example/a?',
          'https://u.example/a?b',
          'https://u.example/a#b',
          'https://u.example/a+b c%_\\\'"',
          '',
        ];
        const entries = [];
        for (const [index, url] of urls.entries()) entries.push(await stored(`bytes ${index}`, { url }));
        expect(await imgcache.lookup(urls)).toEqual(entries);
        expect(await imgcache.lookup(['https://u.example/_', 'https://u.example/%'])).toEqual([null, null]);
      });
    });

    describe('search', () => {
      it('gives everything, newest first or oldest first', async () => {
        const entries = [];
        for (const content of ['a', 'b', 'c']) entries.push(await stored(content));
        expect(await find({ order: 'OLDEST_FIRST' })).toEqual(entries);
        expect(await find({ order: 'NEWEST_FIRST' })).toEqual(entries.toReversed());
      });

      it('gives nothing where nothing is', async () => {
        expect(await find({})).toEqual([]);
        expect(await find({ filter: { urlContains: 'x' } })).toEqual([]);
      });

      it('takes %, _ and \\ for themselves', async () => {
        const urls = [
          'https://u.example/100%_done',
          'https://u.example/100Xdone',
          'https://u.example/back\\slash',
        ];
        for (const url of urls) await storedAt(url);
        expect(await findUrls('100%_done')).toEqual([urls[0]]);
        expect(await findUrls('%')).toEqual([urls[0]]);
        expect(await findUrls('_')).toEqual([urls[0]]);
        expect(await findUrls('u_example')).toEqual([]);
        expect(await findUrls('k\\s')).toEqual([urls[2]]);
        expect(await findUrls('\\%')).toEqual([]);
        expect(await findUrls('')).toEqual(urls);
      });

      it('takes ASCII letters in either case, and no others', async () => {
        const urls = ['HTTPS://U.EXAMPLE/a', 'https://u.example/caf\u00e9'];
        for (const url of urls) await storedAt(url);
        expect(await findUrls('hTTps://u.exAMPLE')).toEqual(urls);
        expect(await findUrls('CAF\u00e9')).toEqual([urls[1]]);
        expect(await findUrls('\u00c9')).toEqual([]);
        expect(await findUrls('e\u0301')).toEqual([]);
      });

      it('looks into every URL that it remembers, and gives an entry once', async () => {
        const { url } = await stored('a', { url: 'https://one.example/x' });
        await stored('a', { url: 'https://two.example/x' });
        expect(await findUrls('.example/x')).toEqual([url]);
        expect(await findUrls('one.example')).toEqual([url]);
        if (subject.remembersAllUrls) expect(await findUrls('two.example')).toEqual([url]);
      });

      it('filters by client, type and time of creation, all together', async () => {
        const a = await stored('a', { clientName: 'alice' });
        const b = await stored(tinyPicture('00000000000000ff'), { clientName: 'alice' });
        const c = await stored('c', { clientName: 'Alice' });
        expect(await find({ filter: { clientName: 'alice' } })).toEqual([a, b]);
        expect(await find({ filter: { clientName: 'alic' } })).toEqual([]);
        expect(await find({ filter: { contentType: 'image/png' } })).toEqual([b]);
        expect(await find({ filter: { createdFrom: b.createdAt } })).toEqual([b, c]);
        expect(await find({ filter: { createdBefore: b.createdAt } })).toEqual([a]);
        expect(await find({ filter: { createdFrom: b.createdAt, createdBefore: c.createdAt } })).toEqual([b]);
        expect(await find({ filter: { clientName: 'alice', createdFrom: b.createdAt } })).toEqual([b]);
        expect(await find({ filter: { urlContains: a.contentHash, contentType: 'image/png' } })).toEqual([]);
      });

      it('stops at the limit', async () => {
        const entries = [];
        for (const content of ['a', 'b', 'c']) entries.push(await stored(content));
        expect(await find({ limit: 2 })).toEqual(entries.slice(0, 2));
        expect(await find({ limit: 3 })).toEqual(entries);
        expect(await find({ limit: 0 })).toEqual([]);
      });

      it.each(['OLDEST_FIRST', 'NEWEST_FIRST'] as const)(
        'goes on behind a place, %s, also when entries before and at that place are deleted',
        async (order) => {
          const entries: Entry[] = [];
          for (let index = 0; index < 9; index++) entries.push(await stored(`entry ${index}`));
          const expected = order === 'OLDEST_FIRST' ? entries : entries.toReversed();
          const first = await find({ order, limit: 4 });
          expect(first).toEqual(expected.slice(0, 4));
          await imgcache.delete(first[0]!.contentHash);
          await imgcache.delete(first[3]!.contentHash);
          const { createdAt, contentHash } = first[3]!;
          const second = await find({ order, limit: 3, after: { createdAt, contentHash } });
          expect(second).toEqual(expected.slice(4, 7));
          expect(await find({ order, after: second.at(-1)! })).toEqual(expected.slice(7));
          expect(await find({ order, after: expected.at(-1)! })).toEqual([]);
        },
      );

      it('can be left early', async () => {
        for (const content of ['a', 'b', 'c']) await stored(content);
        for await (const batch of imgcache.search({ order: 'OLDEST_FIRST' })) {
          expect(batch.length).toBeGreaterThan(0);
          break;
        }
        expect(await find({})).toHaveLength(3);
      });
    });

    describe('similar', () => {
      const similarTo = (
        perceptualHash: string,
        maxHammingDistance: number,
        limit?: number,
      ): Promise<EntryMatch[]> =>
        collect(
          imgcache.similar({ perceptualHash, maxHammingDistance, ...(limit !== undefined && { limit }) }),
        );

      it('gives the nearest first, then by hash, with the distance, and nothing beyond', async () => {
        const hashes = [
          '0000000000000007',
          '0000000000000000',
          '8000000000000000',
          '0000000000000001',
          'ffffffffffffffff',
        ];
        for (const hash of hashes) await stored(tinyPicture(hash));
        await stored(tinyPicture('0000000000000001', 'the same again'));
        const matches = await similarTo('0000000000000000', 3);
        expect(matches.map(({ hammingDistance }) => hammingDistance)).toEqual([0, 1, 1, 1, 3]);
        expect(matches.map(placeOf)).toEqual(matches.map(placeOf).toSorted());
        expect(await similarTo('0000000000000000', 0)).toEqual([matches[0]]);
        expect(await similarTo('0000000000000000', 64)).toHaveLength(6);
      });

      it('gives whole entries', async () => {
        const entry = await stored(tinyPicture('0123456789abcdef'));
        expect(await similarTo('0123456789abcdef', 0)).toEqual([{ entry, hammingDistance: 0 }]);
      });

      it('never gives an entry without a hash', async () => {
        await stored('no picture');
        expect(await similarTo('0000000000000000', 64)).toEqual([]);
      });

      it('stops at the limit, keeping the nearest', async () => {
        for (const hash of ['00000000000000ff', '000000000000000f', '0000000000000000'])
          await stored(tinyPicture(hash));
        expect(
          (await similarTo('0000000000000000', 64, 2)).map(({ hammingDistance }) => hammingDistance),
        ).toEqual([0, 4]);
        expect(await similarTo('0000000000000000', 64, 0)).toEqual([]);
      });

      it('misses nothing and adds nothing, measured against a scan', async () => {
        const random = randomHashes(11);
        const centres = Array.from({ length: 3 }, random);
        const entries: Entry[] = [];
        for (let index = 0; index < 60; index++) {
          const centre = centres[index % 3]!;
          entries.push(await stored(tinyPicture(withBitsFlipped(centre, index % 12, random), `${index}`)));
        }
        for (const centre of [...centres, random()])
          for (const distance of [0, 1, 3, 4, 7, 11, 20, 32, 64]) {
            const expected = entries
              .map((entry) => ({ entry, hammingDistance: distanceBetween(entry.perceptualHash!, centre) }))
              .filter(({ hammingDistance }) => hammingDistance <= distance)
              .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
            expect(await similarTo(centre, distance)).toEqual(expected);
          }
      });

      it('finds what was stored a moment ago, and no more what was deleted', async () => {
        expect(await similarTo('00000000000000f0', 4)).toEqual([]);
        const { contentHash } = await stored(tinyPicture('00000000000000f0'));
        expect(await similarTo('00000000000000f0', 4)).toHaveLength(1);
        await imgcache.delete(contentHash);
        expect(await similarTo('00000000000000f0', 4)).toEqual([]);
      });
    });

    describe('getBytes', () => {
      const read = async (...args: Parameters<ImgCache['getBytes']>) => {
        const bytes = await imgcache.getBytes(...args);
        return bytes && { ...bytes, stream: Buffer.concat(await bytes.stream.toArray()).toString('latin1') };
      };

      it('gives the bytes with their length and type', async () => {
        const bytes = tinyPicture('0123456789abcdef');
        const { contentHash } = await stored(bytes);
        expect(await read(contentHash)).toEqual({
          stream: bytes.toString('latin1'),
          fileSizeBytes: bytes.length,
          contentType: 'image/png',
        });
      });

      it('gives many bytes', async () => {
        const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
        const { contentHash } = await stored(bytes);
        expect((await read(contentHash))?.stream).toBe(bytes.toString('latin1'));
      });

      it('gives a range, both ends included', async () => {
        const { contentHash } = await stored('0123456789');
        const range = (start: number, end: number) => read(contentHash, { start, end });
        expect(await range(0, 0)).toMatchObject({ stream: '0', fileSizeBytes: 10 });
        expect(await range(3, 5)).toMatchObject({ stream: '345', fileSizeBytes: 10 });
        expect(await range(9, 9)).toMatchObject({ stream: '9', fileSizeBytes: 10 });
        expect(await range(0, 9)).toMatchObject({ stream: '0123456789', fileSizeBytes: 10 });
      });

      it('gives no bytes of an empty image', async () => {
        const { contentHash } = await stored('');
        expect(await read(contentHash)).toMatchObject({ stream: '', fileSizeBytes: 0 });
      });

      it('gives null for what is not there', async () => {
        for (const hash of [UNKNOWN, '', '../../etc/passwd', UNKNOWN.slice(1)])
          expect(await read(hash)).toBeNull();
      });
    });

    describe('delete', () => {
      it('takes the entry, its bytes and its URLs away, once', async () => {
        const { contentHash, url } = await stored('a', { url: 'https://x.example/a' });
        const other = await stored('b');
        await stored('a', { url: 'https://x.example/a2' });
        expect(await imgcache.delete(contentHash)).toBe(true);
        expect(await imgcache.getMeta([contentHash])).toEqual([null]);
        expect(await imgcache.lookup([url, 'https://x.example/a2'])).toEqual([null, null]);
        expect(await imgcache.getBytes(contentHash)).toBeNull();
        expect(await find({})).toEqual([other]);
        expect(await imgcache.delete(contentHash)).toBe(false);
        expect(await imgcache.delete(UNKNOWN)).toBe(false);
      });

      it('is done by one of many at once', async () => {
        const { contentHash } = await stored('a');
        const results = await Promise.all(Array.from({ length: 8 }, () => imgcache.delete(contentHash)));
        expect(results.filter(Boolean)).toHaveLength(1);
      });

      it('lets the same bytes be stored anew, with nothing of the former entry', async () => {
        const first = await stored('a', { url: 'https://x.example/1', clientName: 'first' });
        await imgcache.delete(first.contentHash);
        const { entry, status } = await store('a', { url: 'https://x.example/2', clientName: 'second' });
        expect(status).toBe('CREATED');
        expect(entry).toMatchObject({ urls: ['https://x.example/2'], clientName: 'second' });
        expect(entry.createdAt > first.createdAt).toBe(true);
        expect(await imgcache.getBytes(entry.contentHash)).toMatchObject({ fileSizeBytes: 1 });
      });
    });

    it('is healthy', async () => {
      await expect(imgcache.health()).resolves.toBeUndefined();
    });

    it('rejects every call whose signal is aborted, and stores nothing', async () => {
      const { contentHash, url } = await stored('a');
      const signal = AbortSignal.abort();
      await using image = await subject.stage(Buffer.from('not to be stored'));
      const calls: Record<string, () => Promise<unknown>> = {
        getMeta: () => imgcache.getMeta([contentHash], signal),
        lookup: () => imgcache.lookup([url], signal),
        search: () => collect(imgcache.search({ order: 'OLDEST_FIRST' }, signal)),
        similar: () =>
          collect(imgcache.similar({ perceptualHash: '0'.repeat(16), maxHammingDistance: 4 }, signal)),
        getBytes: () => imgcache.getBytes(contentHash, undefined, signal),
        store: () => imgcache.store(image, { url, clientName: 'c' }, signal),
        delete: () => imgcache.delete(contentHash, signal),
        health: () => imgcache.health(signal),
      };
      for (const [operation, call] of Object.entries(calls))
        await expect(call(), operation).rejects.toThrow();
      expect(await imgcache.getMeta([contentHash, image.contentHash])).toEqual([expect.anything(), null]);
    });
  });
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** Text that sorts as matches must. */
function placeOf({ hammingDistance, entry }: EntryMatch): string {
  return `${String(hammingDistance).padStart(2, '0')} ${entry.contentHash}`;
}

/** The same hashes in every run. */
function randomHashes(seed: number): () => string {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return BigInt.asUintN(64, state ^ (state >> 29n) ^ (state << 17n))
      .toString(16)
      .padStart(16, '0');
  };
}

function withBitsFlipped(hash: string, bits: number, random: () => string): string {
  let flipped = BigInt(`0x${hash}`);
  for (let count = 0; count < bits; count++) flipped ^= 1n << (BigInt(`0x${random()}`) >> 58n);
  return flipped.toString(16).padStart(16, '0');
}
