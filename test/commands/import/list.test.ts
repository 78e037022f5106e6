import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Item, SourceError } from '#src/commands/import/item.js';
import { fieldsOf, LIST_HEAD, listLine, readList } from '#src/commands/import/list.js';
import { collect } from '../../harness/collect.js';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-list-'));
  path = join(folder, 'list.tsv');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(text: string): Promise<Item[]> {
  writeFileSync(path, text);
  return collect(readList(path));
}

/** Without the members that are undefined. */
const defined = (item: Item) => JSON.parse(JSON.stringify(item)) as Item;

describe('a list of URLs and files', () => {
  it('has files relative to its own folder, as they are', async () => {
    const items = await read(
      'https://x.example/a?b#c\tsub/a b.jpg\r\nhttps://x.example/n\tC:\\new\\tab.jpg\n\n',
    );
    expect(items.map(defined)).toEqual([
      { url: 'https://x.example/a?b#c', path: join(folder, 'sub/a b.jpg') },
      { url: 'https://x.example/n', path: join(folder, 'C:\\new\\tab.jpg') },
    ]);
  });

  it('may have URLs alone, comments, and a byte order mark', async () => {
    const items = await read('\uFEFFhttps://x.example/a\n# of today\nhttps://x.example/b\t\n');
    expect(items.map(defined)).toEqual([
      { url: 'https://x.example/a', path: null },
      { url: 'https://x.example/b', path: null },
    ]);
  });

  const wrong: [text: string, named: string][] = [
    ['https://x.example/a\ta.jpg\n\tb.jpg\n', 'line 2'],
    ['#url\tfile\tcreatedAt\nu\tf\tyesterday\n', 'createdAt yesterday'],
    ['#url\tfile\tlookupTime\nu\tf\t2024-13-01T00:00:00Z\n', 'lookupTime 2024-13-01'],
    ['#url\tfile\tcontentHash\nu\tf\tabc\n', 'abc'],
  ];
  it.each(wrong)('%j is refused with its place', async (text, named) => {
    const reading = read(text);
    await expect(reading).rejects.toThrow(SourceError);
    await expect(reading).rejects.toThrow(named);
  });

  it('gives back every item that was written', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((each) => !each.includes('\0'));
    const awkward = fc.oneof(text, fc.constantFrom('\t', '\\t', '\\\\t\n', '\r\n', 'a\\', '#url'));
    const time = fc
      .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
      .map((date) => date.toISOString().replace('Z', '000Z'));
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const item = fc.record({
      url: awkward,
      path: fc.option(fc.stringMatching(/^[a-z0-9 ]{1,9}$/).map((name) => join(folder, `x${name}`))),
      clientName: optional(awkward),
      lookupTime: optional(time),
      filename: optional(awkward),
      createdAt: optional(time),
      contentHash: optional(fc.stringMatching(/^[0-9a-f]{64}$/)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 8 }), async (items) => {
        const given = await read(LIST_HEAD + items.map((each) => listLine(fieldsOf(each))).join(''));
        const expected = items.map((each) => ({
          ...each,
          ...(each.createdAt && { clientName: each.clientName ?? '' }),
        }));
        expect(given.map(defined)).toEqual(expected.map(defined));
      }),
      { numRuns: 100 },
    );
  });
});
