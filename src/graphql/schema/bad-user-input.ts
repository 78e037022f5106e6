import { type ASTNode, GraphQLError } from 'graphql';
import { shortMessage } from './short-message.js';

export const BAD_USER_INPUT = 'BAD_USER_INPUT';

/** An error that the client must mend in its request. The message names the argument and what it may be. */
export function badUserInput(message: string, node?: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes: node ?? null, extensions: { code: BAD_USER_INPUT } });
}

/** The error of a query that names something that is not there. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(shortMessage(message), { extensions: { code: 'NOT_FOUND' } });
}

export const MAX_KEYS = 100;

export function checkHammingDistance(distance: number): number {
  if (distance >= 0 && distance <= 64) return distance;
  throw badUserInput(`maxHammingDistance must be from 0 to 64, not ${distance}.`);
}

/** How many keys one field may be asked for. */
export function checkKeys<T>(argument: string, keys: readonly T[]): readonly T[] {
  if (keys.length <= MAX_KEYS) return keys;
  throw badUserInput(`${argument} must have at most ${MAX_KEYS} items, not ${keys.length}.`);
}
