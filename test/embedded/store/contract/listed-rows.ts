import fc from 'fast-check';
import type { Store } from '#src/embedded/store/store.js';
import type { Entry, JsonValue } from '#src/services/entry.js';
import type { EntryOrder } from '#src/services/entry-order.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import { hashOf } from './stores.js';

/** An entry with its URLs, in the order of their times. */
export interface ListedEntry {
  entry: Entry;
  urls: readonly string[];
}

export const ORDERS: readonly EntryOrder[] = [
  'NEWEST_FIRST',
  'OLDEST_FIRST',
  'LARGEST_FIRST',
  'SMALLEST_FIRST',
];

const TIMES = Array.from({ length: 6 }, (_, i) => `2024-01-01T00:00:00.00000${i}Z`);
const CLIENTS = ['alice', 'Alice', 'bob', 'älice', 'alice\u{10ffff}', 'alice\u{1f600}'];
const TYPES = ['image/png', 'image/jpeg', 'image', 'image/', 'imagf/png', 'text/plain', 'video/mp4'];
const HOSTS = ['a.example', 'b.a.example', 'É.example', '[::1]', 'a-b'];
const SIZES = [0, 1, 2 ** 31, 2 ** 53 - 1];
const LENGTHS = [null, 0, 1, 800, 2 ** 31 - 1];
const PREFIXES = [null, '', 'a', 'a/b', 'ä\u{1f600}'];
const HASHES = [null, '0123456789abcdef', 'ffffffffffffffff'];

const url = fc
  .tuple(
    fc.constantFrom('https://', 'HTTP://', 'http://user@', 'http://u:p@x@', '//', 'data:', 'x?u=http://'),
    fc.constantFrom(...HOSTS, 'A.EXAMPLE', ''),
    fc.constantFrom('', ':80', '/', '/a.example', '?a.example', '#@b', '\\x', '@', ' '),
  )
  .map((parts) => parts.join(''));

const listed = fc.record({
  createdAt: fc.constantFrom(...TIMES),
  fileSizeBytes: fc.constantFrom(...SIZES),
  width: fc.constantFrom(...LENGTHS),
  height: fc.constantFrom(...LENGTHS),
  contentType: fc.constantFrom(...TYPES),
  clientName: fc.constantFrom(...CLIENTS),
  perceptualHash: fc.constantFrom(...HASHES),
  prefix: fc.constantFrom(...PREFIXES),
  meta: fc.constantFrom<JsonValue[]>(null, false, { b: ['\u0000'], a: 1 }),
  retrievedAt: fc.constantFrom(null, ...TIMES),
  urls: fc.uniqueArray(url, { minLength: 1, maxLength: 3 }),
});

/** Entries of a bucket of which many share their times, sizes and all else. */
export const someEntries = (count: number, from = 0, bucket = ''): ListedEntry[] =>
  fc.sample(listed, count).map(({ urls, ...more }, index) => ({
    entry: {
      contentHash: hashOf(from + index),
      url: urls[0]!,
      originalFilename: null,
      lookupTime: more.createdAt,
      ...more,
      ...(bucket !== '' && { bucket }),
      ...(urls.length > 1 && { urls: null }),
    },
    urls,
  }));

const NO_NOTES = { prefix: null, meta: null, retrievedAt: null };

/** Writes rows with the times that they have, as an import does. The bytes are needed by an entry of another bucket, too. */
export async function writeEntries(store: Store, entries: readonly ListedEntry[]): Promise<void> {
  const last = async (kind: 'entries' | 'urls') => Number((await store.transfer.lastKey(kind)) ?? 0);
  let seq = await last('entries');
  let urlSeq = await last('urls');
  const hashes = entries.map(({ entry }) => entry.contentHash);
  await store.transfer.writeBytes(
    hashes.map((contentHash) => ({ contentHash, refs: 2, blake3: null, place: contentHash })),
  );
  await store.transfer.write(
    'entries',
    entries.map(({ entry: { urls: _, ...entry } }) => ({ ...NO_NOTES, bucket: '', ...entry, seq: ++seq })),
  );
  const urls = entries.flatMap(({ entry, urls }) =>
    urls.map((each) => ({
      seq: ++urlSeq,
      contentHash: entry.contentHash,
      bucket: entry.bucket ?? '',
      url: each,
      clientName: entry.clientName,
      lookupTime: entry.lookupTime,
      createdAt: entry.createdAt,
    })),
  );
  await store.transfer.write('urls', urls);
}

export const anyFilter: fc.Arbitrary<EntryFilter> = fc.record(
  {
    urlContains: fc.constantFrom('', 'a', 'EXAMPLE', 'b.a', 'user', '/a.example', 'nowhere'),
    urlHost: fc.constantFrom(...HOSTS, 'A.example', 'example', 'x@a.example', 'é.example', 'nowhere'),
    clientName: fc.constantFrom(...CLIENTS, 'nobody'),
    clientNames: fc.subarray([...CLIENTS, 'nobody']),
    contentType: fc.constantFrom(...TYPES, 'image/*'),
    contentTypes: fc.subarray(['image/png', 'image/*', 'text/*', 'image', 'no/*']),
    createdFrom: fc.constantFrom(...TIMES),
    createdBefore: fc.constantFrom(...TIMES),
    minWidth: fc.constantFrom(0, 1, 2, 2 ** 31 - 1),
    minHeight: fc.constantFrom(0, 1, 2, 2 ** 31 - 1),
    hasPerceptualHash: fc.boolean(),
    prefix: fc.constantFrom('', 'a', 'a/', 'ä\u{1f600}', 'nowhere'),
  },
  { requiredKeys: [] },
);

/** Most lists are asked for with few conditions. */
export const someFilter: fc.Arbitrary<EntryFilter> = fc
  .tuple(anyFilter, fc.nat({ max: 3 }), fc.nat())
  .map(([filter, count, start]) => {
    const conditions = Object.entries(filter);
    const turned = conditions.map((_, i) => conditions[(start + i) % conditions.length]!);
    return Object.fromEntries(turned.slice(0, count));
  });
