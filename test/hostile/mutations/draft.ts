import type { Random } from './random.js';
import { Verbatim } from './verbatim.js';
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

/** Null where an earlier mutation has put something else in their place. */
export function variablesOf({ params: { variables } }: Draft): Record<string, unknown> | null {
  const areVariables =
    typeof variables === 'object' && variables !== null && !(variables instanceof Verbatim);
  return areVariables ? (variables as Record<string, unknown>) : null; // A list too, by its indexes.
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
