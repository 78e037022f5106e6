import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '#src/commands/import/item.js';
import { readSources, type SourceOptions } from '#src/commands/import/sources.js';
import { collect } from '../../harness/collect.js';

const FILES = [
  'b.jpg',
  'a/2.jpg',
  'a/1 ä#.png',
  'a/thumbs/1.jpg',
  'a/x.tmp',
  '.hidden/1.jpg',
  'a/.DS_Store',
  '[z].gif',
];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-sources-'));
  for (const name of FILES) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  writeFileSync(`${folder}.tsv`, `https://x.example/b\t${join(folder, 'b.jpg')}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(`${folder}.tsv`);
});

const read = (words: string[], options: Partial<SourceOptions> = {}) =>
  collect(readSources(words, { ignore: [], ...options }));
const urlsOf = async (...args: Parameters<typeof read>) => (await read(...args)).map(({ url }) => url);

describe('the sources of an import', () => {
  it('are folders with all that is in them and not hidden, in one order', async () => {
    const names = ['[z].gif', 'a/1 ä#.png', 'a/2.jpg', 'a/thumbs/1.jpg', 'a/x.tmp', 'b.jpg'];
    const items = await read([folder]);
    expect(items.map(({ path }) => path)).toEqual(names.map((name) => join(folder, name)));
    expect(items.map(({ url }) => url)).toEqual(names.map((name) => pathToFileURL(join(folder, name)).href));
    expect(items.map(({ filename }) => filename)).toEqual(names.map((name) => name.split('/').at(-1)));
  });

  it('have URLs of a prefix and their encoded path', async () => {
    const urls = await urlsOf([join(folder, 'a'), join(folder, 'b.jpg')], {
      urlPrefix: 'https://x.example/',
      ignore: ['thumbs', '*.tmp'],
    });
    expect(urls).toEqual([
      'https://x.example/1%20%C3%A4%23.png',
      'https://x.example/2.jpg',
      'https://x.example/b.jpg',
    ]);
  });

  it.each([
    [['thumbs'], 'a/thumbs/1.jpg'],
    [['thumbs/'], 'a/thumbs/1.jpg'],
    [['*.tmp'], 'a/x.tmp'],
    [['/b.jpg'], 'b.jpg'],
    [['a/*.png'], 'a/1 ä#.png'],
  ])('leave out %j', async (ignore, name) => {
    const left = (await read([folder], { ignore })).map(({ path }) => path);
    expect(left).toHaveLength(5);
    expect(left).not.toContain(join(folder, name));
  });

  it('were found when their file was changed last', async () => {
    utimesSync(join(folder, 'b.jpg'), 1_700_000_000.25, 1_700_000_000.25);
    const [item] = await read([join(folder, 'b.jpg')]);
    expect(item!.lookupTime).toBe('2023-11-14T22:13:20.250000Z');
  });

  it('are lists by their name, and URLs', async () => {
    const items = await read([`${folder}.tsv`, 'https://x.example/c.jpg']);
    expect(items).toEqual([
      expect.objectContaining({ url: 'https://x.example/b', path: join(folder, 'b.jpg') }),
      { url: 'https://x.example/c.jpg', path: null },
    ]);
  });

  it('must be there', async () => {
    const reading = read([join(folder, 'nothing')]);
    await expect(reading).rejects.toThrow(SourceError);
    await expect(reading).rejects.toThrow('nothing');
  });
});
