import type { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ImgCacheDialect } from '../../services/imgcache.js';
import type { ServiceClient } from '../http/client.js';
import { findDialect, isOtherServer } from './find-dialect.js';

/**
 * Which dialect the calls to a server are in: the one that is set, else the one that it was found to speak. That is found out
 * by the first call, and again when the server turns out to speak another one.
 */
export class DialectChoice {
  readonly #client: ServiceClient;
  readonly #reads: SharedReads;
  readonly #given: ImgCacheDialect | undefined;
  #spoken: ImgCacheDialect | null;

  constructor(client: ServiceClient, reads: SharedReads, given: ImgCacheDialect | undefined) {
    this.#client = client;
    this.#reads = reads;
    this.#given = given;
    this.#spoken = given ?? null;
  }

  /** Null as long as it was not found out. */
  get spoken(): ImgCacheDialect | null {
    return this.#spoken;
  }

  async find(signal: CallSignal | undefined): Promise<ImgCacheDialect> {
    return this.#spoken ?? this.#findAnew(signal);
  }

  /** Makes a call in the dialect of the server, and once more where it was not that. */
  async ask<T>(call: (dialect: ImgCacheDialect) => Promise<T>, signal: CallSignal | undefined): Promise<T> {
    const tried = this.#spoken ?? (await this.#findAnew(signal));
    try {
      return await call(tried);
    } catch (error) {
      const other = await this.#findAfter(error, tried, signal);
      if (other === null) throw error;
      return call(other);
    }
  }

  /** The same for a list; one that has begun is not begun once more. */
  async *list<T>(
    call: (dialect: ImgCacheDialect) => AsyncIterable<T>,
    signal: CallSignal | undefined,
  ): AsyncIterable<T> {
    const tried = await this.find(signal);
    let begun = false;
    try {
      for await (const batch of call(tried)) {
        begun = true;
        yield batch;
      }
    } catch (error) {
      const other = begun ? null : await this.#findAfter(error, tried, signal);
      if (other === null) throw error;
      yield* call(other);
    }
  }

  /** The dialect to try once more in after a call in another one failed; null where that would fail too. */
  async #findAfter(
    error: unknown,
    tried: ImgCacheDialect,
    signal: CallSignal | undefined,
  ): Promise<ImgCacheDialect | null> {
    if (this.#given !== undefined || !isOtherServer(error)) return null;
    const found = await this.#findAnew(signal);
    return found === tried ? null : found;
  }

  async #findAnew(signal: CallSignal | undefined): Promise<ImgCacheDialect> {
    this.#spoken = await this.#reads.read(
      'the dialect',
      (shared) => findDialect(this.#client, shared),
      signal,
    );
    return this.#spoken;
  }
}
