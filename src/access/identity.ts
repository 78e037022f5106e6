/** Weakest first: each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** What somebody who asks may do. */
export interface Identity {
  /** Null: nothing. */
  scope: Scope | null;
  /** The ids of the only collections that exist for them. Null: all. */
  collections: readonly string[] | null;
  /** What the owner calls the key, or the subject of the token: for the log. */
  name?: string | undefined;
}

export const NOBODY: Identity = { scope: null, collections: [] };
/** Whoever asks a gateway without keys. */
export const anonymous: Identity = { scope: 'admin', collections: null };

/** The scope that a request needs. */
export interface Requirement {
  scope: Scope;
  /** It reaches beyond any named collections. */
  unlimited?: true;
}

/** Why somebody may not, as the end of a sentence for them; null when they may. */
export function denialReason({ scope, collections }: Identity, requirement: Requirement): string | null {
  if (scope === null || SCOPES.indexOf(scope) < SCOPES.indexOf(requirement.scope))
    return `needs the scope ${requirement.scope}.`;
  if (requirement.unlimited && collections !== null)
    return 'needs a key that is not limited to named collections.';
  return null;
}
