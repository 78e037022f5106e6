import type { Readable } from 'node:stream';
import { Fault } from '../../../calls/fault.js';
import type { CallSignal } from '../../../services/call-signal.js';
import type { ByteRange } from '../../../services/entry.js';
import { type ObjectPage, parseObjectPage } from './object-list.js';
import { faultOf, type S3Response, S3ResponseError } from './response-error.js';
import { encodeKey } from './signing.js';
import { type ObjectBody, S3Transport, type S3TransportOptions } from './transport.js';
import { parseXml } from './xml.js';

/** The calls to one bucket of an object store. They fail as those of S3Transport do. */
export class S3Client extends S3Transport {
  readonly #bucket: string;

  constructor(options: S3TransportOptions) {
    super(options);
    this.#bucket = options.address.bucket;
  }

  /** Stored and durable, or not there at all. */
  async put(key: string, body: ObjectBody, signal?: CallSignal): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    await this.run({ operation: 'PutObject', method: 'PUT', key, headers, body }, signal, ({ headers }) => {
      checkTag(headers);
    });
  }

  /**
   * Opens an object. How long its bytes take is up to their reader; what is cut short fails before its end.
   * @param range within the object
   * @returns null when there is no such object
   */
  get(key: string, range?: ByteRange, signal?: CallSignal): Promise<Readable | null> {
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
    const check = ({ status, headers }: Omit<S3Response, 'body'>) => {
      checkTag(headers);
      if (range) checkRange(status, headers, range);
      else if (status !== 200 || lengthOf(headers) === null) throw new Fault('GARBLED');
    };
    return this.open({ operation: 'GetObject', method: 'GET', key, headers }, signal, check, isNoSuchKey);
  }

  /** @returns the size in bytes; null when there is no such object */
  head(key: string, signal?: CallSignal): Promise<number | null> {
    return this.run({ operation: 'HeadObject', method: 'HEAD', key }, signal, sizeOf, hasStatus404);
  }

  /** Nothing happens when there is no such object. */
  async delete(key: string, signal?: CallSignal): Promise<void> {
    await this.run({ operation: 'DeleteObject', method: 'DELETE', key }, signal, () => {}, isNoSuchKey);
  }

  /** @returns false when there is no such object */
  async copy(from: string, to: string, signal?: CallSignal): Promise<boolean> {
    const headers = { 'x-amz-copy-source': `/${this.#bucket}/${encodeKey(from)}` };
    const decode = (response: S3Response) => {
      // It may begin with 200 and fail then.
      if (rootOf(response.body) !== 'CopyObjectResult') throw faultOf('CopyObject', response);
      return true;
    };
    const request = { operation: 'CopyObject', method: 'PUT', key: to, headers } as const;
    return (await this.run(request, signal, decode, isNoSuchKey)) ?? false;
  }

  /**
   * A page of the objects whose keys begin so, in the order of their keys.
   * @param after the `next` of the page before
   */
  async list(prefix: string, after: string | null, signal?: CallSignal): Promise<ObjectPage> {
    const query = { 'list-type': '2', prefix, ...(after !== null && { 'continuation-token': after }) };
    const page = await this.run({ operation: 'ListObjectsV2', method: 'GET', query }, signal, ({ body }) => {
      const page = readPage(body);
      if (page.next !== null && page.next === after) throw new Fault('GARBLED');
      return page;
    });
    // Nothing is expected, so it is never null.
    return page!;
  }
}

type Headers = S3Response['headers'];

/** S3 gives each object one; a server that does not is none. */
function checkTag({ etag }: Headers): void {
  if (etag === undefined) throw new Fault('NOT_THE_SERVICE');
}

/** Some servers and caches give the whole object, or less than was asked for. */
function checkRange(status: number, headers: Headers, { start, end }: ByteRange): void {
  const isPart = new RegExp(`^bytes ${start}-${end}/(?:\\d+|\\*)$`).test(String(headers['content-range']));
  if (status !== 206 || !isPart || lengthOf(headers) !== end - start + 1) throw new Fault('GARBLED');
}

function lengthOf({ 'content-length': length }: Headers): number | null {
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

function sizeOf({ headers }: S3Response): number {
  checkTag(headers);
  const size = lengthOf(headers);
  if (size === null) throw new Fault('GARBLED');
  return size;
}

function readPage(body: Buffer): ObjectPage {
  try {
    return parseObjectPage(body.toString());
  } catch (cause) {
    throw new Fault('GARBLED', { cause });
  }
}

function rootOf(body: Buffer): string | null {
  try {
    return parseXml(body.toString()).name;
  } catch {
    return null;
  }
}

function isNoSuchKey({ cause }: Fault): boolean {
  return cause instanceof S3ResponseError && cause.status === 404 && cause.code === 'NoSuchKey';
}

/** A response to HEAD has no body that would say what is not there. */
function hasStatus404({ cause }: Fault): boolean {
  return cause instanceof S3ResponseError && cause.status === 404;
}
