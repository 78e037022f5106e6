import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { blake3 } from 'hash-wasm';
import { originalFilename } from '#src/services/original-filename.js';
import type { PictureFacts } from '#src/services/staged-image.js';
import { now } from '#src/services/timestamp.js';
import type { WireBrowseItem, WireCacheEntry } from '#src/services/wire-cache-entry.js';
import { CountingServer } from './counting-server.js';
import { distanceBetween } from './memory-imgcache.js';
import { tinyPictureFacts } from './tiny-picture.js';

export interface CacheServerOptions {
  /** @default what tiny pictures say */
  factsOf?: (bytes: Buffer) => PictureFacts;
  /**
   * Takes bytes that are no images, so that what all imgcaches do can be asked of it. The original does not.
   * @default false
   */
  takesAnything?: boolean;
  /**
   * The path that it is served below.
   * @default ''
   */
  mount?: string;
}

interface Row extends WireCacheEntry {
  bytes: Buffer;
}

/** A response: a status and a value, or bytes. */
type Answer = { status: number; body: unknown } | { row: Row; headers: Record<string, string> };

/**
 * An imgcache as its author runs it today, over a list, by what was measured of it: with its quirks, such as that the second
 * URL of the same bytes is dropped, and `aliases` and `meta` say nothing.
 */
export class CacheServer implements AsyncDisposable {
  readonly rows: Row[] = [];
  readonly #options: Required<Omit<CacheServerOptions, 'mount'>>;
  #server!: CountingServer;
  #refusal: string | null = null;

  private constructor({ factsOf = tinyPictureFacts, takesAnything = false }: CacheServerOptions) {
    this.#options = { factsOf, takesAnything };
  }

  static async start(options: CacheServerOptions = {}): Promise<CacheServer> {
    const server = new CacheServer(options);
    server.#server = await CountingServer.start(options.mount ?? '', async (req, res, path) => {
      send(res, await server.#answer(req, path), req);
    });
    return server;
  }

  get url(): string {
    return this.#server.url;
  }

  get requests(): CountingServer {
    return this.#server;
  }

  /** Refuses the next store, with these words. */
  refuseNext(detail: string): void {
    this.#refusal = detail;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  async #answer(req: IncomingMessage, path: string): Promise<Answer> {
    const query = new URL(req.url ?? '', 'http://x').searchParams;
    const [, first, second, third, ...more] = path.split('/').map(decodeURIComponent);
    if (more.length > 0) return NO_ROUTE;
    if (first === 'health' && second === undefined) return ok({ status: 'ok' });
    if (first === 'browse') return third === undefined ? this.#browse(second, query) : NO_ROUTE;
    if (first !== 'cache') return NO_ROUTE;
    if (second === undefined) return req.method === 'POST' ? this.#store(req) : NOT_ALLOWED;
    if (third !== undefined) {
      const row = this.#named(third, query);
      if (second === 'meta') return row ? ok(toWire(row)) : ABSENT;
      return second === 'serve' ? serve(row, req) : NO_ROUTE;
    }
    return this.#one(req, second, query);
  }

  #one(req: IncomingMessage, segment: string, query: URLSearchParams): Answer {
    if (req.method === 'DELETE') return this.#delete(segment, query);
    if (req.method !== 'GET') return NOT_ALLOWED;
    if (segment === 'lookup') return this.#lookup(query);
    if (segment === 'search') return this.#search(query);
    if (segment === 'similar') return this.#similar(query);
    if (segment === 'resolve') return this.#resolve(query);
    const row = this.#named(segment, query);
    return row ? { row, headers: {} } : ABSENT;
  }

  async #store(req: IncomingMessage): Promise<Answer> {
    const body = await buffer(req);
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': req.headers['content-type'] ?? '' },
    }).formData();
    if (this.#refusal !== null) {
      const answer = unprocessable(this.#refusal);
      this.#refusal = null;
      return answer;
    }
    const text = (name: string) => form.get(name) as string | null;
    const missing = ['file', 'url', 'client_name', 'content_hash'].filter((name) => !form.has(name));
    if (missing.length > 0) return unprocessable(missing.map((name) => lacks('body', name)));
    const bytes = Buffer.from(await (form.get('file') as File).arrayBuffer());
    const [hash, bucket, url] = [text('content_hash')!, text('bucket') ?? '', text('url')!];
    if ((await blake3(bytes)) !== hash) return unprocessable('content_hash does not match uploaded content');
    const known = this.rows.find((row) => row.bucket === bucket && row.hash === hash);
    if (known) {
      known.retrieved_at = wireNow();
      return ok(toWire(known));
    }
    const facts = this.#options.factsOf(bytes);
    if (!this.#options.takesAnything && !facts.contentType.startsWith('image/'))
      return unprocessable(`Rejected: content resolved to '${facts.contentType}', not an image.`);
    const time = wireNow();
    const row: Row = {
      bucket,
      prefix: text('prefix') || null,
      url,
      hash,
      mime_type: facts.contentType,
      size_bytes: bytes.length,
      filename: originalFilename(url),
      width: facts.width,
      height: facts.height,
      perceptual_hash: facts.perceptualHash,
      file_extension: facts.contentType === 'image/png' ? '.png' : null,
      client_name: text('client_name')!,
      created_at: time,
      retrieved_at: time,
      meta: null,
      aliases: [url],
      bytes,
    };
    this.rows.push(row);
    return { status: 201, body: toWire(row) };
  }

  #delete(hash: string, query: URLSearchParams): Answer {
    const row = this.#named(hash, query);
    if (!row) return ABSENT;
    this.rows.splice(this.rows.indexOf(row), 1);
    return { status: 204, body: undefined };
  }

  /** The row of a path: no bucket is the bucket without a name. */
  #named(hash: string, query: URLSearchParams): Row | undefined {
    const bucket = query.get('bucket') ?? '';
    return this.rows.find((row) => row.bucket === bucket && row.hash === hash);
  }

  /** The rows that a list is of: no bucket is all of them. */
  #listed(query: URLSearchParams): Row[] {
    const bucket = query.get('bucket');
    return this.rows.filter((row) => bucket === null || row.bucket === bucket);
  }

  #newestAt(query: URLSearchParams): Row | undefined {
    return this.#listed(query)
      .filter(({ url }) => url === query.get('url'))
      .sort((a, b) => (a.created_at > b.created_at ? -1 : 1))[0];
  }

  #lookup(query: URLSearchParams): Answer {
    if (!query.has('url')) return unprocessable([lacks('query', 'url')]);
    const [maxAge, version] = [query.get('max_age'), query.get('version')];
    if (maxAge !== null && version !== null)
      return unprocessable('max_age and version are mutually exclusive');
    if (version !== null) {
      const row = this.rows.find(({ hash }) => hash === version);
      return row ? ok(toWire(row)) : absent('Version not found');
    }
    const row = this.#newestAt(query);
    if (!row) return ABSENT;
    const age = (Date.now() - Date.parse(`${row.retrieved_at}Z`)) / 1000;
    if (maxAge !== null && age > Number(maxAge)) return absent('Cache entry exceeds max_age');
    return ok(toWire(row));
  }

  #resolve(query: URLSearchParams): Answer {
    const row = this.#newestAt(query);
    return row ? ok({ hash: row.hash, url: query.get('url') }) : absent('URL not found');
  }

  #search(query: URLSearchParams): Answer {
    const fits = like(query.get('url_contains') ?? '');
    return ok(
      this.#listed(query)
        .filter(({ url }) => fits(url))
        .map(toWire),
    );
  }

  #similar(query: URLSearchParams): Answer {
    const hash = query.get('perceptual_hash') ?? '';
    const most = Number(query.get('max_hamming_distance') ?? 4);
    const found = this.#listed(query).filter(
      (row) => row.perceptual_hash !== null && distanceBetween(row.perceptual_hash, hash) <= most,
    );
    return ok(found.map(toWire));
  }

  #browse(what: string | undefined, query: URLSearchParams): Answer {
    const distinct = (values: readonly (string | null)[]) => [...new Set(values)].sort();
    if (what === 'buckets') return ok({ buckets: distinct(this.rows.map(({ bucket }) => bucket)) });
    if (what === 'prefixes' && !query.has('bucket')) return unprocessable([lacks('query', 'bucket')]);
    if (what === 'prefixes')
      return ok({ prefixes: distinct(this.#listed(query).map(({ prefix }) => prefix)) });
    if (what !== undefined) return NO_ROUTE;
    const limit = Number(query.get('limit') ?? 50);
    const order = query.get('order') ?? 'desc';
    const problem = limitProblem(limit) ?? (/^(desc|asc)$/.test(order) ? null : wrongOrder(order));
    if (problem) return unprocessable([problem]);
    const cursor = decodeCursor(query.get('cursor'));
    if (cursor === undefined) return unprocessable('Invalid cursor');
    const sign = order === 'asc' ? 1 : -1;
    const rows = this.#listed(query)
      .filter((row) => fitsBrowse(row, query))
      .filter((row) => cursor === null || compare(row, cursor) * sign > 0)
      .sort((a, b) => compare(a, b) * sign);
    const last = rows[limit - 1];
    return ok({
      items: rows.slice(0, limit).map(toItem),
      next_cursor: rows.length > limit && last ? encodeCursor(last) : null,
    });
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const absent = (detail: string): Answer => ({ status: 404, body: { detail } });
const unprocessable = (detail: unknown): Answer => ({ status: 422, body: { detail } });
const lacks = (place: string, name: string) => ({
  type: 'missing',
  loc: [place, name],
  msg: 'Field required',
  input: null,
});
const wrongOrder = (input: string) => ({
  type: 'string_pattern_mismatch',
  loc: ['query', 'order'],
  msg: "String should match pattern '^(desc|asc)$'",
  input,
  ctx: { pattern: '^(desc|asc)$' },
});
const ABSENT = absent('Not found');
/** What the router of the original says of a path that it does not have. */
const NO_ROUTE = absent('Not Found');
const NOT_ALLOWED: Answer = { status: 405, body: { detail: 'Method Not Allowed' } };

function limitProblem(limit: number): object | null {
  const problem = (type: string, than: string, ctx: object) => ({
    type,
    loc: ['query', 'limit'],
    msg: `Input should be ${than}`,
    input: String(limit),
    ctx,
  });
  if (limit < 1) return problem('greater_than_equal', 'greater than or equal to 1', { ge: 1 });
  return limit > 200 ? problem('less_than_equal', 'less than or equal to 200', { le: 200 }) : null;
}

function serve(row: Row | undefined, req: IncomingMessage): Answer {
  if (!row) return ABSENT;
  const etag = `"${row.hash}"`;
  if (req.headers['if-none-match'] === etag) return { status: 304, body: undefined };
  return { row, headers: { etag, 'cache-control': 'public, max-age=31536000, immutable' } };
}

function send(res: ServerResponse, answer: Answer, { method }: IncomingMessage): void {
  if ('row' in answer) {
    const { bytes, mime_type: type } = answer.row;
    // What is served for browsers is chunked, and tells no length.
    const length = 'etag' in answer.headers ? {} : { 'content-length': String(bytes.length) };
    res.writeHead(200, { 'content-type': type, ...length, ...answer.headers });
    res.end(method === 'HEAD' ? undefined : bytes);
    return;
  }
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  res.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
}

function fitsBrowse(row: Row, query: URLSearchParams): boolean {
  const [from, to] = [query.get('date_from'), query.get('date_to')];
  const [prefix, client, q] = [query.get('prefix'), query.get('client_name'), query.get('q')];
  return (
    (from === null || row.created_at >= from) &&
    (to === null || row.created_at <= to) &&
    (prefix === null || row.prefix === prefix) &&
    (client === null || row.client_name === client) &&
    (q === null || like(q)(row.url))
  );
}

/** SQL's LIKE between wildcards, as SQLite does it: ASCII letters in either case, no escapes. */
function like(part: string): (text: string) => boolean {
  const ascii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const pattern = ascii(part)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  const matcher = new RegExp(pattern, 'su');
  return (text) => matcher.test(ascii(text));
}

interface Place {
  created_at: string;
  hash: string;
}

function compare(a: Place, b: Place): number {
  const [x, y] = [`${a.created_at} ${a.hash}`, `${b.created_at} ${b.hash}`];
  return x < y ? -1 : Number(x > y);
}

function encodeCursor({ created_at: ts, hash }: Place): string {
  return Buffer.from(JSON.stringify({ ts, hash })).toString('base64url');
}

/** Null where there is none, undefined where it is none of the server's. */
function decodeCursor(text: string | null): Place | null | undefined {
  if (text === null) return null;
  try {
    const { ts, hash } = JSON.parse(Buffer.from(text, 'base64url').toString());
    return { created_at: ts, hash };
  } catch {
    return undefined;
  }
}

/** In UTC without a zone, as its database gives times. */
function wireNow(): string {
  return now().replace('Z', '');
}

function toItem(row: Row): WireBrowseItem & { cache_type: 'image' } {
  const { bucket, prefix, url, hash, mime_type, size_bytes, width, height, client_name } = row;
  const { created_at, retrieved_at } = row;
  const what = { hash, url, bucket, prefix, client_name, mime_type, size_bytes, width, height };
  return { ...what, created_at, retrieved_at, cache_type: 'image' };
}

function toWire({ bytes: _, ...row }: Row): WireCacheEntry {
  return row;
}
