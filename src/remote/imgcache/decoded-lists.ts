import { LRUCache } from 'lru-cache';
import { RecentKeys } from './recent-keys.js';

/** The bound of kept bodies, by the buffers that hold them. Their decoded lists take up to 1.4 times as much beside them. */
const MAX_KEPT_BYTES = 32 * 2 ** 20;

interface Kept {
  body: Buffer;
  decoded: readonly unknown[];
}

/**
 * Keeps the decoded lists of a remote imgcache, of those that are asked for again. Every list comes anew each time; but
 * when its bytes are the same, comparing them takes a fiftieth of the time of decoding them.
 */
export class DecodedLists {
  /** Most lists are asked for once, and must not take the place of the others. */
  readonly #asked = new RecentKeys();
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ body }, key) => key.length + body.buffer.byteLength,
  });

  /**
   * The items of a list; who asks for it again may get the same array.
   * @param key names the list and its decoder, and thereby the type
   * @throws Error when the body is not what imgcache documents
   */
  decode<T>(key: string, body: Buffer, decode: () => readonly T[]): readonly T[] {
    const known = this.#kept.get(key);
    // The key stands for the type: the same decoder made these.
    if (known?.body.equals(body)) return known.decoded as readonly T[];
    const decoded = decode();
    if (this.#asked.add(key)) this.#kept.set(key, { body, decoded });
    return decoded;
  }
}
