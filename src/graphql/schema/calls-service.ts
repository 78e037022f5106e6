import type { GraphQLField } from 'graphql';

/** The extensions of a field whose resolver asks a service: it costs more than one that only reads what is there. */
export const callsService = { callsService: true } as const;

export function doesCallService({ extensions }: GraphQLField<unknown, unknown>): boolean {
  return extensions.callsService === true;
}
