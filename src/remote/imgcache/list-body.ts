import type { Entry } from '../../services/imgcache.js';
import { decodeEntry } from './entry-decoder.js';

/** The list of a response: those who share it decode it once. */
export class ListBody {
  readonly bytes: Buffer;
  #entries: readonly Entry[] | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** @throws Error when it is not what imgcache documents */
  get entries(): readonly Entry[] {
    this.#entries ??= decode(this.bytes);
    return this.#entries;
  }
}

function decode(bytes: Buffer): Entry[] {
  const value: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map(decodeEntry);
}
