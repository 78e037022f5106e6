import type { Random } from './client.js';

/** The same numbers for the same seed; what the clients do with them also depends on who comes first. */
export function seededRandom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
