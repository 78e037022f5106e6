import { BOUNDARY, type FormPart, multipartBody, multipartType } from '../fakes/multipart-body.js';
import type { RawRequest } from '../fakes/raw-request.js';
import type { Exchange } from './imgcache-transcript.js';

/** What cannot be sent again, by a pattern of ids. */
export const NOT_REPLAYED: readonly { ids: RegExp; reason: string }[] = [
  { ids: /^lost\.bytes/, reason: 'needs a server that has lost a file on its disk' },
  { ids: /^halfstore/, reason: 'needs a server whose folder of images has been taken away' },
  { ids: /^conc\./, reason: 'many requests at once, which the replay sends after all others' },
  { ids: /^500\.keepalive$/, reason: 'two requests over one connection, which the test of the wire sends' },
  {
    ids: /^(keepalive\.idle|garbage|longurl\.lookup\.1\d{6})$/,
    reason: 'answered by the HTTP server in front of the wire',
  },
];

/**
 * Rebuilds the request of an exchange.
 *
 * @param file the bytes that were stored, where the transcript knows them
 */
export function rebuildRequest(exchange: Exchange, file: Buffer | undefined): RawRequest {
  const { id, request } = exchange;
  const [method = '', described = ''] = request.split(/ (.*)/s);
  const special = SPECIAL_BODIES[id];
  if (special) return { method: 'POST', target: '/images', ...special(file) };
  const store = /^(\/images\/?) multipart \{(.*)\}/s.exec(described);
  if (store) {
    const body = multipartBody(describedParts(exchange, store[2] ?? '', file));
    const headers = { 'Content-Type': multipartType() };
    return { method, target: store[1] ?? '', headers, body: id === 'mp.chunked' ? pieces(body) : body };
  }
  const [target = '', headers = ''] = described.split(/ {2}(?=\{)/);
  return { method, target: wholeTarget(target), headers: describedHeaders(headers) };
}

const COMPLETE = [
  { name: 'url', value: 'https://ff.example/1' },
  { name: 'client_name', value: 'wire' },
  { name: 'lookup_time', value: '2024-01-01T00:00:00' },
];

const SPECIAL_BODIES: Readonly<Record<string, (file?: Buffer) => Omit<RawRequest, 'method' | 'target'>>> = {
  '422.json': () => ({ headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{"url":"x"}') }),
  '422.urlencoded': () => ({
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: Buffer.from('url=x&client_name=c&file=abc'),
  }),
  '422.nobody': () => ({ headers: { 'Content-Length': 0 } }),
  '400.badboundary': () => ({
    headers: { 'Content-Type': multipartType('another') },
    body: multipartBody([...COMPLETE, { name: 'file', value: 'abc', filename: 'image' }]),
  }),
  '400.noboundary': () => ({
    headers: { 'Content-Type': 'multipart/form-data' },
    body: multipartBody([...COMPLETE, { name: 'file', value: 'abc', filename: 'image' }]),
  }),
  '400.truncatedmp': () => ({
    headers: { 'Content-Type': multipartType() },
    body: multipartBody([...COMPLETE, { name: 'file', value: 'abc', filename: 'image' }]).subarray(
      0,
      -BOUNDARY.length,
    ),
  }),
  'mp.filefirst2': (file = Buffer.alloc(9)) => ({
    headers: { 'Content-Type': multipartType() },
    body: multipartBody([{ name: 'file', value: file, filename: 'image' }, ...COMPLETE]),
  }),
};

/** `url=…, client_name=…; file: filename='a.jpg' type='image/jpeg' 98427 bytes, file: …` */
function describedParts({ id, url }: Exchange, description: string, file: Buffer | undefined): FormPart[] {
  const [, fields = '', files = ''] = /^(.*?)(?:(?:; |^)(file: .*)|; )?$/s.exec(description) ?? [];
  const parts: FormPart[] = fields
    .split(/(?:^|, )(?=(?:url|client_name|lookup_time|foo)=)/)
    .filter((field) => field !== '')
    .map((field) => {
      const [name = '', value = ''] = field.split(/=(.*)/s);
      return { name, value: fullValue(id, name, url !== undefined && name === 'url' ? url : value) };
    });
  const described = [...files.matchAll(/filename=(None|'[^']*') type=(None|'[^']*') (\d+) bytes/g)];
  for (const [index, [, filename, type, size]] of described.entries()) {
    const isLast = index === described.length - 1;
    parts.push({
      name: 'file',
      value: (isLast && file) || Buffer.from('abc'.repeat(Number(size))).subarray(0, Number(size)),
      ...(filename !== 'None' && { filename: withoutName(unquote(filename)) }),
      ...(type !== 'None' && { type: unquote(type) }),
    });
  }
  return parts;
}

/** The default name, unless it is empty: any other is kept here, where the original ignores it. */
function withoutName(filename: string): string {
  return filename && 'image';
}

/** The description shows the first 80 characters, and bytes as Python writes them. */
function fullValue(id: string, name: string, shown: string): string | Buffer {
  const length = /^longurl\.store\.(\d+)$/.exec(id)?.[1];
  if (length && name === 'url') return shown.padEnd(Number(length), 'a');
  if (id === 'store.longclient' && name === 'client_name') return shown.padEnd(5000, 'c');
  if (!shown.startsWith("b'")) return shown;
  const text = shown
    .slice(2, -1)
    .replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** A long target is described by its beginning, all of whose last characters are the same, and its length. */
function wholeTarget(described: string): string {
  const [, shown, length] = /^(.*) \[(\d+) chars\]$/.exec(described) ?? [];
  return shown === undefined ? described : shown.padEnd(Number(length), shown.at(-1));
}

function describedHeaders(description: string): Record<string, string> {
  return Object.fromEntries(
    [...description.matchAll(/'([^']+)': '([^']*)'/g)].map(([, name, value]) => [name!, value!]),
  );
}

function unquote(text = ''): string {
  return text.slice(1, -1);
}

function pieces(body: Buffer): Buffer[] {
  const size = Math.ceil(body.length / 7);
  return Array.from({ length: 7 }, (_, index) => body.subarray(index * size, (index + 1) * size));
}
