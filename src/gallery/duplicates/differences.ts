import { bytesInWords, count } from '../shell/units.js';
import type { Member } from './ask-groups.js';

/** What two members of a group are compared by. */
type Compared = Pick<
  Member['entry'],
  | 'contentType'
  | 'fileSizeBytes'
  | 'width'
  | 'height'
  | 'createdAt'
  | 'urls'
  | 'clientName'
  | 'originalFilename'
  | 'url'
>;

export interface Difference {
  name: string;
  /** Of the left one and of the right one. */
  values: readonly [string, string];
  /** What the better one has, in words; null where none is better. */
  better: { side: 0 | 1; words: string } | null;
}

interface Fact {
  name: string;
  text(entry: Compared): string;
  /** The higher, the better; absent where none is better. */
  worth?(entry: Compared): number;
  words?: string;
}

/** As the suggestion of the graph weighs them. */
const LOSSLESS = new Set(['image/png', 'image/bmp', 'image/tiff']);

/** Copies come in the same minute. */
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const FACTS: readonly Fact[] = [
  {
    name: 'Size',
    text: ({ width, height }) => (width && height ? `${width} × ${height}` : 'not known'),
    worth: ({ width, height }) => (width ?? 0) * (height ?? 0),
    words: 'more pixels',
  },
  {
    name: 'Type',
    text: ({ contentType }) => contentType,
    worth: ({ contentType }) => Number(LOSSLESS.has(contentType)),
    words: 'keeps every pixel',
  },
  {
    name: 'File',
    text: ({ fileSizeBytes }) => bytesInWords(fileSizeBytes),
    worth: ({ fileSizeBytes }) => fileSizeBytes,
    words: 'larger file',
  },
  {
    name: 'Stored',
    text: ({ createdAt }) => TIME.format(new Date(createdAt)),
    worth: ({ createdAt }) => -Date.parse(createdAt),
    words: 'older',
  },
  {
    name: 'Addresses',
    text: ({ urls }) => count(urls.length, 'address', 'addresses'),
    worth: ({ urls }) => urls.length,
    words: 'more addresses',
  },
  { name: 'Name', text: ({ originalFilename }) => originalFilename ?? 'none' },
  { name: 'From', text: ({ url }) => url },
  { name: 'Found by', text: ({ clientName }) => clientName },
];

/** In what two members differ, the most important first, and which one is better there; and the names of what is the same. */
export function differencesOf(
  left: Compared,
  right: Compared,
): { differences: Difference[]; same: string[] } {
  const differences: Difference[] = [];
  const same: string[] = [];
  for (const { name, text, worth, words } of FACTS) {
    const values = [text(left), text(right)] as const;
    const better = worth && words ? betterOf(worth(left), worth(right), words) : null;
    if (values[0] !== values[1] || better) differences.push({ name, values, better });
    else same.push(name);
  }
  return { differences, same };
}

function betterOf(left: number, right: number, words: string): Difference['better'] {
  if (left === right) return null;
  return { side: left > right ? 0 : 1, words };
}

/** In how many bits two hashes of 16 hex digits differ. */
export function bitsApart(a: string, b: string): number {
  let bits = 0;
  for (let rest = BigInt(`0x${a}`) ^ BigInt(`0x${b}`); rest > 0n; rest &= rest - 1n) bits++;
  return bits;
}
