/** Draws by a seed: the same ones again for the same seed. */
export interface Random {
  /** From 0, and below the bound. */
  below(bound: number): number;
  chance(percent: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** Mulberry32, by Tommy Ettinger (public domain). */
export function createRandom(seed: number): Random {
  let state = seed;
  function below(bound: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => items[below(items.length)]!,
  };
}
