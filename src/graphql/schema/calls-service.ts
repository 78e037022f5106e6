import type { GraphQLField } from 'graphql';

/** The extensions of a field whose resolver asks a service: it costs more than one that only reads what is there. */
export const callsService = { callsService: true } as const;

/** The same of a mutation that asks once for each item of a list in its input. */
export function callsServiceForEach(list: string) {
  return { ...callsService, callsForEach: list };
}

/** The name of that list. */
export function listOfCalls({ extensions }: GraphQLField<unknown, unknown>): string | undefined {
  return typeof extensions.callsForEach === 'string' ? extensions.callsForEach : undefined;
}

export function doesCallService({ extensions }: GraphQLField<unknown, unknown>): boolean {
  return extensions.callsService === true;
}

/** The extensions of a field whose list may have so many items, and takes no argument that says how many. */
export function mostItems(count: number) {
  return { ...callsService, mostItems: count };
}

/** That number; undefined where the list is short by nature. */
export function mostItemsOf({ extensions }: GraphQLField<unknown, unknown>): number | undefined {
  return typeof extensions.mostItems === 'number' ? extensions.mostItems : undefined;
}
