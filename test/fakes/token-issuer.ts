import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const AUDIENCE = 'lookalike-test';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA' | 'PS384';

export interface TokenIssuer {
  url: string;
  /** How often its keys were read. */
  reads(): number;
  /** Answers everything with this status until it is null again. */
  failWith(status: number | null): void;
  /** Makes a new key and publishes it. */
  addKey(alg: Algorithm): Promise<void>;
  /** Signs with the newest key of the algorithm: valid for a minute unless the claims say otherwise; undefined takes one away. */
  sign(claims: Record<string, unknown>, alg?: Algorithm): Promise<string>;
  close(): Promise<void>;
}

/** @param keysPath what its discovery document names; without it, it has no such document */
export async function startTokenIssuer(keysPath?: string): Promise<TokenIssuer> {
  const keys: object[] = [];
  const signers = new Map<Algorithm, { kid: string; key: CryptoKey }>();
  let reads = 0;
  let failure: number | null = null;
  const server = createServer((req, res) => {
    const send = (status: number, body: object) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (failure !== null) return send(failure, {});
    if (keysPath && req.url === '/.well-known/openid-configuration')
      return send(200, { issuer: url, jwks_uri: `${url}${keysPath}` });
    if (req.url !== (keysPath ?? '/.well-known/jwks.json')) return send(404, { error: 'Not found' });
    reads++;
    send(200, { keys });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: TokenIssuer = {
    url,
    reads: () => reads,
    failWith: (status) => {
      failure = status;
    },
    async addKey(alg) {
      const { publicKey, privateKey } = await generateKeyPair(alg);
      const kid = `${alg}-${keys.length}`;
      keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
      signers.set(alg, { kid, key: privateKey });
    },
    async sign(claims, alg = 'RS256') {
      const { kid, key } = signers.get(alg)!;
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, aud: AUDIENCE, iat: now, exp: now + 60, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  for (const alg of ['RS256', 'ES256', 'EdDSA', 'PS384'] as const) await issuer.addKey(alg);
  return issuer;
}
