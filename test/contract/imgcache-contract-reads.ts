import { describe, expect, it } from 'vitest';
import type { ImgCache } from '#src/services/imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { type ContractBench, UNKNOWN } from './imgcache-contract-bench.js';

/** What is read by key. */
export function describeReads(bench: ContractBench): void {
  const { dropsUrls = false } = bench.shortcomings;

  describe('getMeta', () => {
    it('answers in the order of the keys, with null for what is not there and twice for what is asked twice', async () => {
      const [a, b] = [await bench.stored('a'), await bench.stored('b')];
      const keys = [b.contentHash, UNKNOWN, a.contentHash, b.contentHash];
      expect(await bench.imgcache.getMeta(keys)).toEqual([b, null, a, b]);
    });

    it('answers nothing to nothing', async () => {
      expect(await bench.imgcache.getMeta([])).toEqual([]);
    });

    it('knows only the exact hash', async () => {
      const { contentHash } = await bench.stored('a');
      const keys = [contentHash.toUpperCase(), contentHash.slice(0, 63), ` ${contentHash}`, '', '../x'];
      expect(await bench.imgcache.getMeta(keys)).toEqual(keys.map(() => null));
    });
  });

  describe('lookup', () => {
    it('answers in the order of the keys, with null for what is not there and twice for what is asked twice', async () => {
      const [a, b] = [
        await bench.storedAt('https://x.example/a'),
        await bench.storedAt('https://x.example/b'),
      ];
      expect(await bench.imgcache.lookup([b.url, 'https://x.example/no', a.url, b.url])).toEqual([
        b,
        null,
        a,
        b,
      ]);
      expect(await bench.imgcache.lookup([])).toEqual([]);
    });

    it.skipIf(dropsUrls)('finds an entry by every URL', async () => {
      await bench.stored('a', { url: 'https://x.example/1' });
      const { entry } = await bench.store('a', { url: 'https://x.example/2' });
      const urls = ['https://x.example/2', 'https://x.example/1'];
      expect(await bench.imgcache.lookup(urls)).toEqual(urls.map(() => entry));
    });

    it('gives the newest entry of a URL, and the older one again when that is deleted', async () => {
      const url = 'https://x.example/same';
      const older = await bench.stored('older', { url });
      const newer = await bench.stored('newer', { url });
      expect(await bench.imgcache.lookup([url])).toEqual([newer]);
      await bench.imgcache.delete(newer.contentHash);
      expect(await bench.imgcache.lookup([url])).toEqual([older]);
      await bench.imgcache.delete(older.contentHash);
      expect(await bench.imgcache.lookup([url])).toEqual([null]);
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
      for (const [index, url] of urls.entries()) entries.push(await bench.stored(`bytes ${index}`, { url }));
      expect(await bench.imgcache.lookup(urls)).toEqual(entries);
      expect(await bench.imgcache.lookup(['https://u.example/_', 'https://u.example/%'])).toEqual([
        null,
        null,
      ]);
    });
  });

  describe('getUrls', () => {
    it.skipIf(dropsUrls)(
      'answers in the order of the keys, with none for what is not there and twice for what is asked twice',
      async () => {
        const a = await bench.stored('a', { url: 'https://x.example/z' });
        for (const url of ['https://x.example/y', 'https://x.example/x']) await bench.store('a', { url });
        const b = await bench.stored('b', { url: 'https://x.example/y' });
        const more = ['https://x.example/y', 'https://x.example/x'];
        const keys = [b, { contentHash: UNKNOWN }, a, b].map(({ contentHash }) => contentHash);
        expect(await bench.imgcache.getUrls(keys)).toEqual([[b.url], [], [a.url, ...more], [b.url]]);
        expect(await bench.imgcache.getUrls([])).toEqual([]);
      },
    );
  });

  describe('countUrls', () => {
    it.skipIf(dropsUrls)('answers in the order of the keys, with 0 for what is not there', async () => {
      const a = await bench.stored('a', { url: 'https://x.example/0' });
      for (let n = 1; n < 15; n++) await bench.store('a', { url: `https://x.example/${n}` });
      const b = await bench.stored('b');
      const keys = [b, { contentHash: UNKNOWN }, a].map(({ contentHash }) => contentHash);
      expect(await bench.imgcache.countUrls(keys)).toEqual([1, 0, 15]);
      expect(await bench.imgcache.countUrls([])).toEqual([]);
    });
  });

  describe('getBytes', () => {
    const read = async (...args: Parameters<ImgCache['getBytes']>) => {
      const bytes = await bench.imgcache.getBytes(...args);
      return bytes && { ...bytes, stream: Buffer.concat(await bytes.stream.toArray()).toString('latin1') };
    };

    it('gives the bytes with their length and type', async () => {
      const bytes = tinyPicture('0123456789abcdef');
      const { contentHash } = await bench.stored(bytes);
      expect(await read(contentHash)).toEqual({
        stream: bytes.toString('latin1'),
        fileSizeBytes: bytes.length,
        contentType: 'image/png',
      });
    });

    it('gives many bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
      const { contentHash } = await bench.stored(bytes);
      expect((await read(contentHash))?.stream).toBe(bytes.toString('latin1'));
    });

    it('gives a range, both ends included', async () => {
      const { contentHash } = await bench.stored('0123456789');
      const range = (start: number, end: number) => read(contentHash, { start, end });
      expect(await range(0, 0)).toMatchObject({ stream: '0', fileSizeBytes: 10 });
      expect(await range(3, 5)).toMatchObject({ stream: '345', fileSizeBytes: 10 });
      expect(await range(9, 9)).toMatchObject({ stream: '9', fileSizeBytes: 10 });
      expect(await range(0, 9)).toMatchObject({ stream: '0123456789', fileSizeBytes: 10 });
    });

    it('gives no bytes of an empty image', async () => {
      const { contentHash } = await bench.stored('');
      expect(await read(contentHash)).toMatchObject({ stream: '', fileSizeBytes: 0 });
    });

    it('gives null for what is not there', async () => {
      for (const hash of [UNKNOWN, '', '../../etc/passwd', UNKNOWN.slice(1)])
        expect(await read(hash)).toBeNull();
    });
  });
}
