import type { Random } from './random.js';
import type { World } from './world.js';

/** A request for the graph before it is written for a transport. Mutations change it in place. */
export interface Draft {
  world: World;
  /** `query`, `variables` and what else is sent beside them, of any type. */
  params: Record<string, unknown>;
  files: DraftFile[];
}

export interface DraftFile {
  /** In the variables. */
  path: string;
  bytes: Buffer;
}

/** @returns what was done, in a few words; null where there was nothing to do it to */
export type Mutation<T> = (subject: T, random: Random) => string | null;

/** Applies one that finds something to change, and says which. */
export function mutate<T>(subject: T, mutations: readonly Mutation<T>[], random: Random): string {
  for (let tries = 0; tries < 20; tries++) {
    const done = random.pick(mutations)(subject, random);
    if (done !== null) return done;
  }
  return 'nothing';
}
