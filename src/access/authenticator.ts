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
