import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { bucketProblem } from '../../services/bucket.js';
import { isContentHash } from '../../services/content-hash.js';
import type { JsonValue } from '../../services/entry.js';
import { notesProblem } from '../../services/entry-notes.js';
import { formatRfc3339, parseUtc, type Timestamp } from '../../services/timestamp.js';
import { type Item, SourceError } from './item.js';

/**
 * The columns of the lists that are written here: those of an export, and of what failed. The first line names them, behind
 * a `#`. A list without such a line has a URL and a file, as they are.
 */
const COLUMNS = [
  'url',
  'file',
  'clientName',
  'lookupTime',
  'filename',
  'createdAt',
  'contentHash',
  'bucket',
  'prefix',
  'meta',
  'retrievedAt',
  'problem',
] as const;

type Column = (typeof COLUMNS)[number];
/** What stands in a line; empty means that nothing is known. */
export type Fields = Partial<Record<Column, string>>;

/** Tells lists from pictures, which no such name is one of. */
export const LIST_NAME = /\.(tsv|txt)$/i;

/** Of a list that comes in by standard input. */
export const STANDARD_INPUT = '-';

/** A line that is read; its number is for messages. */
interface Line {
  fields: Fields;
  number: number;
}

/**
 * Reads the items of a list. Files are relative to the folder of the list.
 * @param path or `-`
 * @throws SourceError
 */
export async function* readList(path: string): AsyncGenerator<Item> {
  const isStandard = path === STANDARD_INPUT;
  const folder = isStandard ? process.cwd() : dirname(resolve(path));
  for await (const line of readLines(isStandard ? process.stdin : createReadStream(path)))
    yield toItem(line, folder, isStandard ? 'standard input' : path);
}

async function* readLines(input: Readable): AsyncGenerator<Line> {
  let columns: readonly string[] | null = null;
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (number === 1 && line.startsWith('#url\t')) {
      columns = line.slice(1).split('\t');
      continue;
    }
    if (line.trim() === '' || (columns === null && line.startsWith('#'))) continue;
    const cells = line.split('\t');
    const fields = columns
      ? Object.fromEntries(columns.map((name, at) => [name, readCell(cells[at] ?? '')]))
      : { url: cells[0]!, file: cells[1] ?? '' };
    yield { fields, number };
  }
}

/** @throws SourceError for a line that makes no sense, which says that the list is no list */
function toItem({ fields, number }: Line, folder: string, list: string): Item {
  const { url = '', file, clientName, filename, contentHash, bucket = '' } = fields;
  const wrong = (problem: string) => new SourceError(`${list}, line ${number}: ${problem}`);
  const timeOf = (column: 'lookupTime' | 'createdAt' | 'retrievedAt') => {
    const text = fields[column];
    const time = text ? parseUtc(text) : undefined;
    if (time === null) throw wrong(`${column} ${text} is no time of RFC 3339.`);
    return time;
  };
  const createdAt = timeOf('createdAt');
  // What is restored may have no URL, and no client.
  if (url === '' && !createdAt) throw wrong('there is no URL in front of the first tab.');
  if (contentHash && !isContentHash(contentHash)) throw wrong(`${contentHash} is no content hash.`);
  const problem = bucketProblem(bucket);
  if (problem !== null) throw wrong(`the bucket ${problem}`);
  return {
    url,
    path: file ? resolve(folder, file) : null,
    clientName: createdAt ? (clientName ?? '') : clientName || undefined,
    lookupTime: timeOf('lookupTime'),
    filename: filename || undefined,
    createdAt,
    contentHash: contentHash || undefined,
    bucket: bucket || undefined,
    notes: notesOf(fields, timeOf('retrievedAt'), wrong),
  };
}

/** Undefined where nothing is noted; an empty prefix is none. */
function notesOf(
  { prefix, meta }: Fields,
  retrievedAt: Timestamp | undefined,
  wrong: (problem: string) => SourceError,
): Item['notes'] {
  if (!prefix && !meta && !retrievedAt) return undefined;
  const notes = { prefix: prefix || null, meta: readMeta(meta, wrong), retrievedAt: retrievedAt ?? null };
  const problem = notesProblem(notes);
  if (problem !== null) throw wrong(problem);
  return notes;
}

function readMeta(text: string | undefined, wrong: (problem: string) => SourceError): JsonValue {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(`meta ${text.slice(0, 100)} is no JSON.`);
  }
}

/** The first line of a list that is written. */
export const LIST_HEAD = `#${COLUMNS.join('\t')}\n`;

/** A line of a list that is written. */
export function listLine(fields: Fields): string {
  return `${COLUMNS.map((column) => writeCell(fields[column] ?? '')).join('\t')}\n`;
}

/** The fields of an item, as they are read again. */
export function fieldsOf(item: Item): Fields {
  const { url, path, clientName, lookupTime, filename, createdAt, contentHash, bucket, notes } = item;
  return {
    url,
    ...(path !== null && { file: path }),
    ...(clientName && { clientName }),
    ...(lookupTime && { lookupTime: formatRfc3339(lookupTime) }),
    ...(filename && { filename }),
    ...(createdAt && { createdAt: formatRfc3339(createdAt) }),
    ...(contentHash && { contentHash }),
    ...(bucket && { bucket }),
    ...notesFields(notes ?? {}),
  };
}

/** The fields of what is noted of an entry. */
export function notesFields({ prefix, meta, retrievedAt }: NonNullable<Item['notes']>): Fields {
  return {
    ...(prefix && { prefix }),
    ...(meta !== undefined && meta !== null && { meta: JSON.stringify(meta) }),
    ...(retrievedAt && { retrievedAt: formatRfc3339(retrievedAt) }),
  };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const ESCAPED = Object.fromEntries(Object.entries(ESCAPES).map(([plain, escaped]) => [escaped, plain]));

function writeCell(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (plain) => ESCAPES[plain]!);
}

function readCell(text: string): string {
  return text.replace(/\\[\\tnr]/g, (escaped) => ESCAPED[escaped]!);
}
