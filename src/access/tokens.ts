import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Identity, SCOPES, type Scope } from './identity.js';

/** Asymmetric algorithms only: with HMAC whoever can verify can also sign. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const ISSUER_TIMEOUT_MS = 5000;

/** The issuer's keys cannot be read now, so that no token can be verified. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

export interface TokenVerifierOptions {
  /** Exactly as in `iss`. */
  issuer: string;
  audience: string;
}

/**
 * Resolves to the identity that a token gives; null when it is not valid here.
 * @throws IssuerUnavailableError
 */
export type TokenVerifier = (token: string) => Promise<Identity | null>;

/** Verifies JWTs: the signature with the issuer's published keys, the issuer, the audience and the time. */
export function createTokenVerifier({ issuer, audience }: TokenVerifierOptions): TokenVerifier {
  const keys = createIssuerKeys(issuer);
  const options = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'] };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, options);
      return { scope: strongestOf(payload.scope), name: payload.sub, collections: null };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}

/** The strongest scope in a claim such as `openid lookalike:read write`. */
function strongestOf(claim: unknown): Scope | null {
  const given = typeof claim === 'string' ? claim.split(' ') : [];
  const isGiven = (scope: Scope) => given.includes(scope) || given.includes(`lookalike:${scope}`);
  return SCOPES.findLast(isGiven) ?? null;
}

/** The issuer's keys, kept for ten minutes. A token with another key makes it read them again, every 30 seconds at most. */
function createIssuerKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  const find = () =>
    findKeys(issuer).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
  return async (header, token) => {
    try {
      found ??= find();
      const getKey = await found;
      return await getKey(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new IssuerUnavailableError('The keys of LOOKALIKE_JWT_ISSUER cannot be read.', { cause: error });
    }
  };
}

const discovery = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Reads the issuer's keys at the address in its discovery document, or at the usual one. */
async function findKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const wellKnown = `${issuer.replace(/\/+$/, '')}/.well-known`;
  const signal = AbortSignal.timeout(ISSUER_TIMEOUT_MS);
  const response = await fetch(`${wellKnown}/openid-configuration`, { signal });
  if (response.status >= 500) throw new Error(`The issuer answers ${response.status}.`);
  const { data } = discovery.safeParse(await response.json().catch(() => null));
  const address = new URL(data?.jwks_uri ?? `${wellKnown}/jwks.json`);
  return createRemoteJWKSet(address, { timeoutDuration: ISSUER_TIMEOUT_MS });
}
