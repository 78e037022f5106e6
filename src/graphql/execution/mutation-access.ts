import { GraphQLError } from 'graphql';
import { denialReason, type Identity, type Requirement } from '../../access/identity.js';

/** The mutations that need more than write access. Requests without read access do not come here. */
const REQUIREMENTS: ReadonlyMap<string, Requirement> = new Map([
  ['createCollection', { scope: 'admin', unlimited: true }],
  ['renameCollection', { scope: 'admin' }],
  ['deleteCollection', { scope: 'admin' }],
  ['rotateCollectionKeys', { scope: 'admin' }],
  ['deleteEntry', { scope: 'write', unlimited: true }],
  ['deleteEntries', { scope: 'write', unlimited: true }],
  ['decideDuplicates', { scope: 'write', unlimited: true }],
  ['undoDuplicateDecision', { scope: 'write', unlimited: true }],
]);

/** Why somebody may not run a mutation of these fields; null when they may. */
export function whyForbidden(fields: Iterable<string>, identity: Identity): GraphQLError | null {
  for (const field of fields) {
    const problem = denialReason(identity, REQUIREMENTS.get(field) ?? { scope: 'write' });
    if (problem)
      return new GraphQLError(`${field} ${problem}`, {
        extensions: { code: 'FORBIDDEN', http: { status: 403 } },
      });
  }
  return null;
}
