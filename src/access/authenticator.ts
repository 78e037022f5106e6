import { createHash } from 'node:crypto';
import { type ApiKey, findKey } from './api-keys.js';
import { anonymous, type Identity } from './identity.js';
import { createTokenVerifier } from './tokens.js';

export interface AuthenticatorOptions {
  apiKeys?: readonly ApiKey[] | undefined;
  /** Accepts JWTs of this issuer; set together with jwtAudience. */
  jwtIssuer?: string | undefined;
  jwtAudience?: string | undefined;
}

/** Identifies clients by their key or token. */
export interface Authenticator {
  /** Whether there are no keys, so that everybody may do everything. */
  readonly open: boolean;
  /** Other bytes for other keys and another issuer. It is no secret to those who know the digests of keys. */
  readonly fingerprint: Buffer;
  /** Accepts these API keys from now on, and no others. */
  useKeys(apiKeys: readonly ApiKey[] | undefined): void;
  /**
   * The identity behind a key or token; null when it is not valid.
   * @throws IssuerUnavailableError
   */
  identify(credential: string | null): Promise<Identity | null>;
}

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { jwtIssuer: issuer, jwtAudience: audience } = options;
  const verifyToken = issuer && audience ? createTokenVerifier({ issuer, audience }) : null;
  let { apiKeys = [] } = options;
  const isOpen = () => apiKeys.length === 0 && !verifyToken;
  return {
    get open() {
      return isOpen();
    },
    get fingerprint() {
      return fingerprintOf({ ...options, apiKeys });
    },
    useKeys(keys = []) {
      apiKeys = keys;
    },
    async identify(credential) {
      if (isOpen()) return anonymous;
      if (credential === null) return null;
      const key = findKey(apiKeys, credential);
      if (key) return key;
      return verifyToken && TOKEN.test(credential) ? verifyToken(credential) : null;
    },
  };
}

function fingerprintOf({ apiKeys = [], jwtIssuer, jwtAudience }: AuthenticatorOptions): Buffer {
  const digests = apiKeys.map(({ digest }) => digest.toString('hex')).sort();
  return createHash('sha256')
    .update(JSON.stringify([digests, jwtIssuer, jwtAudience]))
    .digest();
}
