import { decodeRows, type Row } from './entry-decoder.js';

/**
 * A list that imgcache sent, for all in one request who ask for it. Between them it is kept as bytes: the garbage
 * collector would copy the objects of every list that a request has read, again and again until it ends.
 */
export class RowList {
  readonly #body: Buffer;
  #rows: Row[] | null;

  /**
   * @param value what the body says
   * @throws Error when that is not what imgcache documents
   */
  constructor(value: unknown, body: Buffer) {
    this.#rows = decodeRows(value);
    this.#body = body;
  }

  /** The rows are the caller's. */
  take(): Row[] {
    const rows = this.#rows ?? decodeRows(JSON.parse(this.#body.toString()));
    this.#rows = null;
    return rows;
  }
}
