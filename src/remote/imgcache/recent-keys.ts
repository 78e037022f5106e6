const SLOTS = 2 ** 14;

/** FNV-1a. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Remembers which keys came lately, some thousands of them in 64 KiB: the hash of the last one in each of its slots. A key
 * that came may be forgotten, and one of four thousand million that never came is taken for known. Keys as texts in a map
 * would be old when they go, and only a full garbage collection frees them.
 */
export class RecentKeys {
  readonly #slots = new Uint32Array(SLOTS);

  /** @returns whether it came before */
  add(key: string): boolean {
    const hash = hashOf(key);
    const slot = hash % SLOTS;
    const isKnown = this.#slots[slot] === hash;
    this.#slots[slot] = hash;
    return isKnown;
  }
}

/** Never 0, which an empty slot holds. */
function hashOf(key: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), PRIME);
  return hash >>> 0 || 1;
}
