import type { Entry } from '../../services/imgcache.js';
import { decodeEntry } from './entry-decoder.js';

/**
 * The list of a response. Those who share it take from it at once, and decode it once; then it lets go of its entries, of
 * which a request needs few, and keeps the bytes for whoever asks the same request for something else of it.
 */
export class ListBody {
  readonly bytes: Buffer;
  #entries: readonly Entry[] | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** @throws Error when it is not what imgcache documents */
  get entries(): readonly Entry[] {
    if (this.#entries) return this.#entries;
    this.#entries = decode(this.bytes);
    // After the microtasks of this turn, in which all take who wait for it.
    process.nextTick(this.#letGo);
    return this.#entries;
  }

  readonly #letGo = () => {
    this.#entries = undefined;
  };
}

function decode(bytes: Buffer): Entry[] {
  const value: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map(decodeEntry);
}
