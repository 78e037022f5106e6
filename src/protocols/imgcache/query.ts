import { bucketProblem } from '../../services/bucket.js';
import { DEFAULT_MAX_HAMMING_DISTANCE, type EntryFilter } from '../../services/imgcache.js';
import { isStorable } from '../../services/storable-text.js';
import { parseLaxInteger, parseQueryHash, type QueryHash } from './numbers.js';
import {
  badValue,
  type FieldPlace,
  type FieldProblem,
  InvalidFields,
  missing,
  negative,
  notABoolean,
  notAnInteger,
  unstorable,
} from './problems.js';

/** The part of a list that is wanted: an addition to the original, which always gives the whole list. */
export interface Page {
  offset: number;
  limit: number | undefined;
}

export interface WireSimilarQuery {
  perceptualHash: string;
  /** 0 to 64, or negative when no hash can match. */
  maxHammingDistance: number;
  /** To add to each distance within the 64 bits. */
  excessBits: number;
  page: Page;
}

/** The query of a request target, decoded as a form: `+` is a space, and what is not UTF-8 becomes U+FFFD. */
export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : target.slice(start + 1));
}

/**
 * The bucket that a query names; undefined for none, and for the empty one, which clients send that name none. Of several the
 * first named one counts: a bucket that was named once stays named.
 * @throws InvalidFields
 */
export function readBucket(query: URLSearchParams): string | undefined {
  const named = query.getAll('bucket').find((bucket) => bucket !== '');
  const problem = named === undefined ? null : bucketProblem(named);
  if (problem !== null)
    throw new InvalidFields([badValue(['query', 'bucket'], named!, `The bucket ${problem}`)]);
  return named;
}

/** @throws InvalidFields */
export function readMetaQuery(query: URLSearchParams): { allUrls: boolean } {
  const reader = new QueryReader(query);
  const allUrls = reader.flag('all_urls');
  reader.check();
  return { allUrls };
}

/** @throws InvalidFields */
export function readLookupQuery(query: URLSearchParams): string {
  const reader = new QueryReader(query);
  const url = reader.text('url');
  reader.check();
  return url;
}

/**
 * The query of a search. A client that does not know whether the server takes `%`, `_` and the backslash for themselves
 * sends a part of the text without them, and the whole text beside it. The host of a URL is an addition, too.
 * @throws InvalidFields
 */
export function readSearchQuery(query: URLSearchParams): { filter: EntryFilter; page: Page } {
  const reader = new QueryReader(query);
  const asked = reader.text('url_contains');
  const urlContains = query.has('url_contains_literally') ? reader.text('url_contains_literally') : asked;
  const host = query.has('url_host') ? { urlHost: reader.text('url_host') } : {};
  const page = reader.page();
  reader.check();
  return { filter: { urlContains, ...host }, page };
}

/** @throws InvalidFields */
export function readSimilarQuery(query: URLSearchParams): WireSimilarQuery {
  const reader = new QueryReader(query);
  const { perceptualHash, excessBits } = reader.hash('perceptual_hash');
  const distance = reader.integer('max_hamming_distance') ?? DEFAULT_MAX_HAMMING_DISTANCE;
  const page = reader.page();
  reader.check();
  return { perceptualHash, excessBits, maxHammingDistance: Math.min(distance - excessBits, 64), page };
}

/** Reads parameters and collects what is wrong with them; of one that is given twice, the last counts. */
class QueryReader {
  readonly #query: URLSearchParams;
  readonly #problems: FieldProblem[] = [];

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  check(): void {
    if (this.#problems.length > 0) throw new InvalidFields(this.#problems);
  }

  text(name: string): string {
    const text = this.#last(name);
    const loc: FieldPlace = ['query', name];
    if (text === undefined) this.#problems.push(missing(loc));
    else if (!isStorable(text)) this.#problems.push(unstorable(loc, text));
    return text ?? '';
  }

  hash(name: string): QueryHash {
    const text = this.#last(name);
    const loc: FieldPlace = ['query', name];
    const hash = parseQueryHash(text ?? '');
    if (text === undefined) this.#problems.push(missing(loc));
    else if (!hash) this.#problems.push(badValue(loc, text, 'Expected a hash in hexadecimal digits'));
    return hash ?? { perceptualHash: '', excessBits: 0 };
  }

  integer(name: string): number | undefined {
    const text = this.#last(name);
    if (text === undefined) return undefined;
    const integer = parseLaxInteger(text);
    if (integer === null) this.#problems.push(notAnInteger(['query', name], text));
    return integer ?? 0;
  }

  /** Reads a boolean; false where it is not given. */
  flag(name: string): boolean {
    const text = this.#last(name) ?? 'false';
    if (text !== 'true' && text !== 'false') this.#problems.push(notABoolean(['query', name], text));
    return text === 'true';
  }

  page(): Page {
    return { offset: this.#natural('offset') ?? 0, limit: this.#natural('limit') };
  }

  #natural(name: string): number | undefined {
    const integer = this.integer(name);
    if (integer === undefined) return undefined;
    if (integer < 0) this.#problems.push(negative(['query', name], this.#last(name) ?? ''));
    return Math.min(integer, Number.MAX_SAFE_INTEGER);
  }

  #last(name: string): string | undefined {
    return this.#query.getAll(name).at(-1);
  }
}
