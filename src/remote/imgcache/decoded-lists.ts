import { LRUCache } from 'lru-cache';

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
  /** Lists by key; null for one that was asked for once: most are, and must not take the place of the others. */
  readonly #kept = new LRUCache<string, { list: Kept | null }>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ list }, key) => key.length + (list?.body.buffer.byteLength ?? 0),
  });

  /**
   * The items of a list; who asks for it again may get the same array.
   * @param key names the list and its decoder, and thereby the type
   * @throws Error when the body is not what imgcache documents
   */
  decode<T>(key: string, body: Buffer, decode: () => readonly T[]): readonly T[] {
    const known = this.#kept.get(key);
    // The key stands for the type: the same decoder made these.
    if (known?.list?.body.equals(body)) return known.list.decoded as readonly T[];
    const decoded = decode();
    this.#kept.set(key, { list: known ? { body, decoded } : null });
    return decoded;
  }
}
