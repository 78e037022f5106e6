import { LRUCache } from 'lru-cache';

/** Of answers, with the rest of what was read from the network at once. What is made of them may take half as much again. */
const MAX_KEPT_BYTES = 32 * 2 ** 20;

/**
 * Keeps what was made of the lists that a remote imgcache sent. Every list is asked for anew; but when the same bytes come
 * again, as they do for what many look at, comparing them takes a fiftieth of the time of reading them.
 */
export class DecodedLists {
  readonly #kept = new LRUCache<string, { body: Buffer; decoded: readonly unknown[] }>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ body }) => body.buffer.byteLength,
  });

  /**
   * @param key names the list and what is made of it, and thereby the type; others get the same items
   * @throws Error when the body is not what imgcache documents
   */
  decode<T>(key: string, body: Buffer, decode: (rows: readonly unknown[]) => readonly T[]): readonly T[] {
    const kept = this.#kept.get(key);
    // The key stands for the type: whoever made these made Ts.
    if (kept?.body.equals(body)) return kept.decoded as readonly T[];
    const decoded = decode(rowsOf(body));
    this.#kept.set(key, { body, decoded });
    return decoded;
  }
}

function rowsOf(body: Buffer): readonly unknown[] {
  const value: unknown = JSON.parse(body.toString());
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value;
}
