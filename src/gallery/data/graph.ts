import type { TypedDocument } from '../../client/document.js';
import { LookalikeError } from '../../client/errors.js';
import { createRequest, type RequestArguments } from '../../client/request.js';
import { key, leave } from '../access/key.js';
import { base } from '../settings.js';

let isLeaving = false;
addEventListener('pagehide', () => {
  isLeaving = true;
});
addEventListener('pageshow', () => {
  isLeaving = false;
});

const request = createRequest({
  url: new URL('graphql', base).href,
  headers: () =>
    key.value === null ? ({} as Record<string, string>) : { authorization: `Bearer ${key.value}` },
  // What is sent while the page goes away is to arrive all the same.
  fetch: (url, init) => fetch(url, { ...init, keepalive: isLeaving }),
});

/**
 * Sends an operation. A key that is not, or no longer, good brings the form for keys.
 * @throws {LookalikeError}
 */
export async function ask<Result, Variables>(
  document: TypedDocument<Result, Variables>,
  ...args: RequestArguments<NoInfer<Variables>>
): Promise<Result> {
  try {
    return await request(document, ...args);
  } catch (error) {
    if (error instanceof LookalikeError && error.status === 401) leave('That key is not valid.');
    throw error;
  }
}

/** What a mutation says that was not done, in the words of the gateway. */
export class Refusal extends Error {}

interface MutationResult {
  __typename: string;
  message?: string;
}

/**
 * Sends a mutation, and gives the member of its result that says it was done.
 * @throws {Refusal} for any other member
 * @throws {LookalikeError}
 */
export async function change<
  Result extends Record<string, MutationResult>,
  Variables,
  Success extends `${string}Success`,
>(
  document: TypedDocument<Result, Variables>,
  success: Success,
  ...args: RequestArguments<NoInfer<Variables>>
): Promise<Extract<Result[keyof Result], { __typename: Success }>> {
  const [result] = Object.values(await ask(document, ...args));
  if (result?.__typename !== success) throw new Refusal(result?.message ?? 'It was not done.');
  // The name tells which member it is.
  return result as Extract<Result[keyof Result], { __typename: Success }>;
}

/** Why a list of results is not all done; null when it is. */
export function failuresIn(results: readonly MutationResult[]): string | null {
  const failed = results.filter(({ __typename }) => !__typename.endsWith('Success'));
  const [first] = failed;
  if (!first) return null;
  return `${failed.length} of ${results.length} failed: ${first.message ?? first.__typename}`;
}

/** An error in words. */
export function wordsOf(error: unknown): string {
  if (error instanceof LookalikeError && error.code === 'NETWORK_ERROR')
    return 'The gateway does not answer.';
  return error instanceof Error ? error.message : String(error);
}
