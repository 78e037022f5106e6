import { isStorable } from '../../services/storable-text.js';
import type { Timestamp } from '../../services/timestamp.js';
import { parseLaxInteger, parseQueryHash, type QueryHash } from './numbers.js';
import {
  badValue,
  type FieldPlace,
  type FieldProblem,
  InvalidFields,
  missing,
  noneOf,
  notABoolean,
  notAnInteger,
  notATime,
  tooLarge,
  tooSmall,
  unstorable,
} from './problems.js';
import { parseWireTime } from './times.js';

/** The part of a list that is wanted: an addition to the originals, which always give the whole list. */
export interface Page {
  offset: number;
  limit: number | undefined;
}

/** The query of most requests; nothing is added to a query that was read. */
const NO_QUERY = new URLSearchParams();

/** The query of a request target, decoded as a form: `+` is a space, and what is not UTF-8 becomes U+FFFD. */
export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf('?');
  return start < 0 ? NO_QUERY : new URLSearchParams(target.slice(start + 1));
}

/** Reads parameters and collects what is wrong with them; of one that is given twice, the last counts. */
export class QueryReader {
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

  /** Reads a text that need not be there. */
  optional(name: string): string | undefined {
    return this.#query.has(name) ? this.text(name) : undefined;
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

  /** Reads a time in a form of ISO 8601; without an offset it is in UTC. */
  time(name: string): Timestamp | undefined {
    const text = this.#last(name);
    if (text === undefined) return undefined;
    const time = parseWireTime(text);
    if (time === null) this.#problems.push(notATime(['query', name], text));
    return time ?? undefined;
  }

  /** Reads one of some words; the first of them where none is given. */
  word<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const text = this.#last(name) ?? words[0];
    const found = words.find((word) => word === text);
    if (found === undefined) this.#problems.push(noneOf(['query', name], text, words));
    return found ?? words[0];
  }

  /** Reads an integer that lies between two others. */
  between(name: string, [least, most]: readonly [number, number], otherwise: number): number {
    const text = this.#last(name);
    if (text === undefined) return otherwise;
    const loc: FieldPlace = ['query', name];
    const integer = parseLaxInteger(text);
    if (integer === null) this.#problems.push(notAnInteger(loc, text));
    else if (integer < least) this.#problems.push(tooSmall(loc, text, least));
    else if (integer > most) this.#problems.push(tooLarge(loc, text, most));
    return integer ?? otherwise;
  }

  page(): Page {
    return { offset: this.#natural('offset') ?? 0, limit: this.#natural('limit') };
  }

  #natural(name: string): number | undefined {
    const integer = this.integer(name);
    if (integer === undefined) return undefined;
    if (integer < 0) this.#problems.push(tooSmall(['query', name], this.#last(name) ?? '', 0));
    return Math.min(integer, Number.MAX_SAFE_INTEGER);
  }

  #last(name: string): string | undefined {
    return this.#query.getAll(name).at(-1);
  }
}
