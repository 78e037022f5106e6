import { LRUCache } from 'lru-cache';

/** Of answers, with the rest of what was read from the network at once. What is made of them takes up to 1.4 times as much. */
const MAX_KEPT_BYTES = 32 * 2 ** 20;

interface Kept {
  body: Buffer;
  decoded: readonly unknown[];
}

/**
 * Keeps what was made of the lists that a remote imgcache sent, of those that are asked for again. Every list comes anew
 * each time; but when its bytes are the same, comparing them takes a fiftieth of the time of reading them.
 */
export class DecodedLists {
  /** Null for what was asked for once: most are, and had better not take the place of the others. */
  readonly #kept = new LRUCache<string, { list: Kept | null }>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ list }, key) => key.length + (list?.body.buffer.byteLength ?? 0),
  });

  /**
   * @param key names the list and what is made of it, and thereby the type; others get the same items
   * @throws Error when the body is not what imgcache documents
   */
  decode<T>(key: string, body: Buffer, decode: (rows: readonly unknown[]) => readonly T[]): readonly T[] {
    const known = this.#kept.get(key);
    // The key stands for the type: whoever made these made Ts.
    if (known?.list?.body.equals(body)) return known.list.decoded as readonly T[];
    const decoded = decode(rowsOf(body));
    this.#kept.set(key, { list: known ? { body, decoded } : null });
    return decoded;
  }
}

function rowsOf(body: Buffer): readonly unknown[] {
  const value: unknown = JSON.parse(body.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value;
}
