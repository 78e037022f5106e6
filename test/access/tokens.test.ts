import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier, IssuerUnavailableError, type TokenVerifier } from '#src/access/tokens.js';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../fakes/token-issuer.js';

let issuer: TokenIssuer;
let verify: TokenVerifier;
beforeAll(async () => {
  issuer = await startTokenIssuer();
});
beforeEach(() => {
  issuer.failWith(null);
  verify = createTokenVerifier({ issuer: issuer.url, audience: AUDIENCE });
});
afterEach(() => vi.useRealTimers());
afterAll(() => issuer.close());

const past = Math.floor(Date.now() / 1000) - 60;
const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('a token', () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
    it(`signed by the issuer with ${alg} is valid`, async () => {
      const token = await issuer.sign({ scope: 'write' }, alg);
      expect(await verify(token)).toEqual({ scope: 'write', collections: null });
    });
  }

  const scopes: [claim: unknown, scope: string | null][] = [
    ['read', 'read'],
    ['openid lookalike:read email', 'read'],
    ['lookalike:write read', 'write'],
    ['read admin write', 'admin'],
    ['openid email', null],
    ['reader lookalike:root other:admin ADMIN', null],
    ['', null],
    [undefined, null],
    [['admin'], null],
  ];
  for (const [scope, expected] of scopes) {
    it(`with the scope claim ${JSON.stringify(scope)} has the scope ${expected}`, async () => {
      expect(await verify(await issuer.sign({ scope }))).toEqual({ scope: expected, collections: null });
    });
  }

  it('is refused when it is for others, of others, too old, too young or without end', async () => {
    const claims = [
      { aud: 'another' },
      { aud: undefined },
      { iss: 'https://issuer.example' },
      { iss: `${issuer.url}/` },
      { iss: undefined },
      { exp: past },
      { exp: undefined },
      { nbf: past + 3600 },
    ];
    for (const wrong of claims)
      expect(await verify(await issuer.sign({ scope: 'admin', ...wrong }))).toBeNull();
    expect(await verify(await issuer.sign({ scope: 'admin', aud: ['another', AUDIENCE] }))).not.toBeNull();
  });

  it('is refused without a signature, under HMAC and under other algorithms', async () => {
    const [, payload] = (await issuer.sign({ scope: 'admin' })).split('.');
    const jwks = await (await fetch(`${issuer.url}/.well-known/jwks.json`)).text();
    const hmac = `${part({ alg: 'HS256', kid: 'RS256-0' })}.${payload}`;
    const tokens = [
      `${part({ alg: 'none' })}.${payload}.`,
      `${part({ alg: 'none', kid: 'RS256-0' })}.${payload}.AAAA`,
      `${hmac}.${createHmac('sha256', jwks).update(hmac).digest('base64url')}`,
      await issuer.sign({ scope: 'admin' }, 'PS384'),
    ];
    for (const token of tokens) expect(await verify(token)).toBeNull();
  });

  it('is refused when it was changed, or signed by somebody else', async () => {
    const [header, , signature] = (await issuer.sign({ scope: 'read' })).split('.');
    const claims = { iss: issuer.url, aud: AUDIENCE, exp: past + 120, scope: 'admin' };
    expect(await verify(`${header}.${part(claims)}.${signature}`)).toBeNull();
    const other = await startTokenIssuer();
    const foreign = await other.sign({ ...claims });
    await other.close();
    expect(await verify(foreign)).toBeNull();
    for (const garbage of ['a.b.c', '..', `${header}.${header}.${header}`])
      expect(await verify(garbage)).toBeNull();
  });

  it('cannot bring a key of its own', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ scope: 'admin', iss: issuer.url, aud: AUDIENCE, exp: past + 120 })
      .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    expect(await verify(token)).toBeNull();
  });
});

describe("the issuer's keys", () => {
  it('are found by its discovery document', async () => {
    const other = await startTokenIssuer('/oauth/keys');
    const verifyOther = createTokenVerifier({ issuer: other.url, audience: AUDIENCE });
    expect(await verifyOther(await other.sign({ scope: 'read' }))).toMatchObject({ scope: 'read' });
    await other.close();
  });

  it('are read once for many tokens, also at the same time', async () => {
    const before = issuer.reads();
    const tokens = await Promise.all(
      [1, 2, 3, 4].map((sub) => issuer.sign({ scope: 'read', sub: `${sub}` })),
    );
    const identities = await Promise.all(tokens.map((token) => verify(token)));
    expect(identities.every((identity) => identity?.scope === 'read')).toBe(true);
    for (const token of tokens) await verify(token);
    expect(issuer.reads() - before).toBe(1);
  });

  it('are read again for a new one, but not for each that is unknown', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const before = issuer.reads();
    expect(await verify(await issuer.sign({ scope: 'read' }))).not.toBeNull();
    await issuer.addKey('RS256');
    const rotated = await issuer.sign({ scope: 'read', exp: Math.floor(Date.now() / 1000) + 3600 });
    for (let i = 0; i < 5; i++) expect(await verify(rotated)).toBeNull();
    expect(issuer.reads() - before).toBe(1);
    vi.setSystemTime(Date.now() + 31_000);
    expect(await verify(rotated)).toMatchObject({ scope: 'read' });
    expect(issuer.reads() - before).toBe(2);
  });

  it('that cannot be read are no fault of the token, and are read once they can be', async () => {
    const token = await issuer.sign({ scope: 'read' });
    for (const status of [500, 404]) {
      issuer.failWith(status);
      await expect(verify(token)).rejects.toBeInstanceOf(IssuerUnavailableError);
    }
    issuer.failWith(null);
    expect(await verify(token)).toMatchObject({ scope: 'read' });
    issuer.failWith(500);
    expect(await verify(token)).toMatchObject({ scope: 'read' });
  });
});
