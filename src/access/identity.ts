/** The scopes of keys and tokens, weakest first: each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** Who sends a request, as far as it decides what they may do. */
export interface Identity {
  /** Null allows nothing. */
  scope: Scope | null;
  /** The ids of the only collections that they may know of; null for all. */
  collections: readonly string[] | null;
  /**
   * The only buckets of imgcache that they may know of.
   * @default all, and an imgcache without buckets
   */
  buckets?: readonly string[] | undefined;
  /** For the log: the owner's name for the key, or the subject of the token. */
  name?: string | undefined;
}

/** Whoever asks for an open path, such as the page of GraphiQL. */
export const NOBODY: Identity = { scope: null, collections: [] };
/** Whoever brings the signed address of a picture, which is good for that address alone. */
export const LINK_HOLDER: Identity = { scope: 'read', collections: null };
/** Whoever asks a gateway without keys, where everybody may do everything. */
export const anonymous: Identity = { scope: 'admin', collections: null };

/** The rights that a request or a mutation needs. */
export interface Requirement {
  scope: Scope;
  /** Whether it reaches beyond any named collections. */
  unlimited?: true;
}

/** Why an identity does not meet a requirement, as the end of a sentence for the client; null when it does. */
export function denialReason({ scope, collections }: Identity, requirement: Requirement): string | null {
  if (scope === null || SCOPES.indexOf(scope) < SCOPES.indexOf(requirement.scope))
    return `needs the scope ${requirement.scope}.`;
  if (requirement.unlimited && collections !== null)
    return 'needs a key that is not limited to named collections.';
  return null;
}
