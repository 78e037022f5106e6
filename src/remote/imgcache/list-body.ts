import type { Entry } from '../../services/entry.js';

/** Decodes an entry in the JSON of a dialect; throws when it is not as that documents it. */
export type DecodeEntry = (value: unknown) => Entry;

/**
 * The list of a response. Those who share it take from it at once, and decode it once; then it lets go of its entries, of
 * which a request needs few, and keeps the bytes for whoever asks the same request for something else of it.
 */
export class ListBody {
  readonly bytes: Buffer;
  readonly #decode: DecodeEntry;
  #entries: readonly Entry[] | undefined;

  constructor(bytes: Buffer, decodeEntry: DecodeEntry) {
    this.bytes = bytes;
    this.#decode = decodeEntry;
  }

  /** @throws Error when it is not what imgcache documents */
  get entries(): readonly Entry[] {
    if (this.#entries) return this.#entries;
    this.#entries = decode(this.bytes, this.#decode);
    // After the microtasks of this turn, in which all take who wait for it.
    process.nextTick(this.#letGo);
    return this.#entries;
  }

  readonly #letGo = () => {
    this.#entries = undefined;
  };
}

function decode(bytes: Buffer, decodeEntry: DecodeEntry): Entry[] {
  const value: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map((each) => decodeEntry(each));
}
