import type { Entry } from '../../services/imgcache.js';

/** Decodes an entry in the JSON of a dialect; throws when it is not as that documents it. */
export type DecodeEntry = (value: unknown) => Entry;

/** The list of a response: those who share it decode it once. */
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
    this.#entries ??= decode(this.bytes, this.#decode);
    return this.#entries;
  }
}

function decode(bytes: Buffer, decodeEntry: DecodeEntry): Entry[] {
  const value: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map((each) => decodeEntry(each));
}
