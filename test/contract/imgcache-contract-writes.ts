import { describe, expect, it } from 'vitest';
import { contentHashAt } from '#src/services/imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { type ContractBench, UNKNOWN } from './imgcache-contract-bench.js';

/** Storing and deleting. */
export function describeWrites(bench: ContractBench): void {
  const { dropsUrls = false, dropsOrigin = false } = bench.shortcomings;

  describe('store', () => {
    it('creates an entry that says what is known of the bytes', async () => {
      const bytes = tinyPicture('0123456789abcdef');
      const { entry, status } = await bench.store(bytes, {
        url: 'https://a.example/p/q.png?x#y',
        clientName: 'me',
      });
      expect(status).toBe('CREATED');
      await using image = await bench.stage(bytes);
      expect(entry).toMatchObject({
        contentHash: await contentHashAt(bench.imgcache, image),
        url: 'https://a.example/p/q.png?x#y',
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
        const { entry, status } = await bench.store(content);
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
      const first = await bench.stored('a', {
        url: 'https://a.example/1',
        lookupTime: '2024-01-01T00:00:00.000000Z',
      });
      const again = await bench.store('a', {
        url: 'https://a.example/1',
        clientName: 'other',
        lookupTime: '2025-01-01T00:00:00.000000Z',
      });
      expect(again).toEqual({ status: 'UNCHANGED', entry: bench.storedAgain(first) });
      expect(await bench.find({})).toEqual([bench.storedAgain(first)]);
    });

    it.skipIf(dropsUrls)('adds a second URL to the entry and leaves the rest of it', async () => {
      const first = await bench.stored('a', { url: 'https://a.example/1' });
      const { entry, status } = await bench.store('a', { url: 'https://b.example/2', clientName: 'other' });
      expect(status).toBe('URL_ADDED');
      expect(entry).toMatchObject(bench.storedAgain(first));
      expect(await bench.imgcache.getMeta([first.contentHash])).toEqual([entry]);
      const urls = ['https://a.example/1', 'https://b.example/2'];
      expect(await bench.imgcache.getUrls([first.contentHash])).toEqual([urls]);
    });

    it('makes one entry of the same bytes stored many times at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 16 }, () => bench.store('same', { url: 'https://a.example/same' })),
      );
      expect(results.filter(({ status }) => status === 'CREATED')).toHaveLength(1);
      expect(results.filter(({ status }) => status === 'UNCHANGED')).toHaveLength(15);
      expect(await bench.find({})).toEqual([bench.storedAgain(results[0]!.entry)]);
    });

    it.skipIf(dropsUrls)('keeps every URL of the same bytes stored under many at once', async () => {
      const urls = Array.from({ length: 8 }, (_, index) => `https://a.example/${index}`);
      const results = await Promise.all(urls.map((url) => bench.store('same', { url })));
      expect(results.filter(({ status }) => status === 'CREATED')).toHaveLength(1);
      const [entry] = await bench.find({});
      const [kept] = await bench.imgcache.getUrls([entry!.contentHash]);
      expect([...kept!].sort()).toEqual(urls);
      expect(kept![0]).toBe(entry!.url);
    });

    it.skipIf(dropsOrigin)('keeps times to the microsecond', async () => {
      for (const lookupTime of [
        '2024-02-29T23:59:59.123456Z',
        '0001-01-01T00:00:00.000000Z',
        '9999-12-31T23:59:59.999999Z',
        '2024-01-01T00:00:00.000001Z',
        '2024-01-01T00:00:00.500000Z',
      ]) {
        const { contentHash } = await bench.stored(lookupTime, { lookupTime });
        expect((await bench.imgcache.getMeta([contentHash]))[0]?.lookupTime).toBe(lookupTime);
      }
    });

    it('takes now where no time is given', async () => {
      const before = new Date(Date.now() - 60_000).toISOString();
      const after = new Date(Date.now() + 60_000).toISOString();
      const { lookupTime, createdAt } = await bench.stored('a');
      for (const time of [lookupTime, createdAt]) {
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
        expect(time > before && time < after).toBe(true);
      }
    });

    it('gives later entries a later createdAt', async () => {
      const entries = [];
      for (const content of ['a', 'b', 'c', 'd']) entries.push(await bench.stored(content));
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
      expect((await bench.stored('a', { url })).originalFilename).toBe(filename);
    });

    it.skipIf(dropsOrigin).each(['mine.jpg', 'a "b" %22 \\.jpg', '写真;x=y.jpg', 'image.png'])(
      'takes the file name %j that is given',
      async (filename) => {
        const { originalFilename } = await bench.stored('a', { url: 'https://a.example/b.jpg', filename });
        expect(originalFilename).toBe(filename);
      },
    );

    it('keeps any text as it is', async () => {
      const url = '   \n\t"\\%_😀 日本語 e\u0301 é \u0001\u2028';
      const { contentHash } = await bench.stored('a', { url, clientName: url });
      expect((await bench.imgcache.getMeta([contentHash]))[0]).toMatchObject({ url, clientName: url });
    });
  });

  describe('delete', () => {
    it('takes the entry, its bytes and its URLs away, once', async () => {
      const { contentHash, url } = await bench.stored('a', { url: 'https://x.example/a' });
      const other = await bench.stored('b');
      await bench.stored('a', { url: 'https://x.example/a2' });
      expect(await bench.imgcache.delete(contentHash)).toBe(true);
      expect(await bench.imgcache.getMeta([contentHash])).toEqual([null]);
      expect(await bench.imgcache.getUrls([contentHash])).toEqual([[]]);
      expect(await bench.imgcache.lookup([url, 'https://x.example/a2'])).toEqual([null, null]);
      expect(await bench.imgcache.getBytes(contentHash)).toBeNull();
      expect(await bench.find({})).toEqual([other]);
      expect(await bench.imgcache.delete(contentHash)).toBe(false);
      expect(await bench.imgcache.delete(UNKNOWN)).toBe(false);
    });

    it('is done by one of many at once', async () => {
      const { contentHash } = await bench.stored('a');
      const results = await Promise.all(Array.from({ length: 8 }, () => bench.imgcache.delete(contentHash)));
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('lets the same bytes be stored anew, with nothing of the former entry', async () => {
      const first = await bench.stored('a', { url: 'https://x.example/1', clientName: 'first' });
      await bench.imgcache.delete(first.contentHash);
      const { entry, status } = await bench.store('a', { url: 'https://x.example/2', clientName: 'second' });
      expect(status).toBe('CREATED');
      expect(entry).toMatchObject({ url: 'https://x.example/2', clientName: 'second' });
      expect(await bench.imgcache.getUrls([entry.contentHash])).toEqual([['https://x.example/2']]);
      expect(entry.createdAt > first.createdAt).toBe(true);
      const bytes = await bench.imgcache.getBytes(entry.contentHash);
      expect(bytes).toMatchObject({ fileSizeBytes: 1 });
      bytes?.stream.destroy();
    });
  });
}
