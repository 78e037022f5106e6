import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '#src/access/api-keys.js';
import { type Config, loadConfig } from '#src/config.js';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../fakes/token-issuer.js';
import { configFile } from '../harness/config-file.js';
import { golden, multipart, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const READ = 'read-key-of-the-test';
const WRITE = 'write-key-of-the-test';
const ADMIN = 'admin-key-of-the-test';
const LIMITED = 'limited-key-of-the-test';
const hashed = createKey({ scope: 'read' });
const KEYS = [READ, WRITE, ADMIN, LIMITED, hashed.key];

const photo = picture('photos/03-fig.jpg');
const { blake2b256: hash } = golden('photos/03-fig.jpg');
const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on Error { message } } }';
const DELETE = `mutation { deleteEntry(input: { contentHash: "${'0'.repeat(64)}" }) { __typename } }`;

let issuer: TokenIssuer;
let gateway: TestGateway;
/** Every answer: head and body. */
const answers: string[] = [];

beforeAll(async () => {
  issuer = await startTokenIssuer();
  gateway = await startGateway(access());
  const stored = await storeOverWire({ 'x-api-key': WRITE });
  expect(stored.status).toBe(201);
});
afterAll(async () => {
  await gateway.close();
  await issuer.close();
});

function access(): Partial<Config> {
  const text = `read:${READ},write:${WRITE},admin:${ADMIN},write@6b7c9142:${LIMITED}`;
  const plain = loadConfig({ LOOKALIKE_API_KEYS: text }).apiKeys!;
  const file = configFile(JSON.stringify({ apiKeys: [hashed.entry] }));
  const apiKeys = [...plain, ...loadConfig({}, file).apiKeys!];
  return { apiKeys, jwtIssuer: issuer.url, jwtAudience: AUDIENCE };
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });
  answers.push(JSON.stringify([...response.headers]), await response.clone().text());
  return response;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

function graphql(query: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ query });
  return ask('/graphql', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function storeOverWire(headers: Record<string, string>): Promise<Response> {
  const form = new FormData();
  form.set('url', 'https://x.example/');
  form.set('client_name', 'test');
  form.set('file', new Blob([photo]), 'x.jpg');
  return ask('/imgcache/images', { method: 'POST', body: form, headers });
}

function upload(headers: Record<string, string>): Promise<Response> {
  const input = { url: 'https://x.example/', clientName: 'test', image: { upload: null } };
  const body = multipart(STORE, { input }, { 'input.image.upload': photo });
  return ask('/graphql', { method: 'POST', body, headers: { 'apollo-require-preflight': '1', ...headers } });
}

type Call = (headers: Record<string, string>) => Promise<Response>;
const get =
  (path: string): Call =>
  (headers) =>
    ask(path, { headers });

describe('with keys', () => {
  const no = 401;
  const never = 403;
  const rows: [
    what: string,
    call: Call,
    none: number,
    read: number,
    limited: number,
    write: number,
    admin: number,
  ][] = [
    ['/health', get('/health'), 200, 200, 200, 200, 200],
    ['/ready', get('/ready'), 200, 200, 200, 200, 200],
    ['/', get('/'), 302, 302, 302, 302, 302],
    ['/metrics', get('/metrics'), no, 200, 200, 200, 200],
    ['what is not there', get('/nowhere'), no, 404, 404, 404, 404],
    ['a query', (headers) => graphql('{ __typename }', headers), no, 200, 200, 200, 200],
    ['a query by GET', get('/graphql?query=%7B__typename%7D'), no, 200, 200, 200, 200],
    ['a bad query', (headers) => graphql('{ nothing }', headers), no, 200, 200, 200, 200],
    [
      'introspection',
      (headers) => graphql('{ __schema { queryType { name } } }', headers),
      no,
      200,
      200,
      200,
      200,
    ],
    ['storeEntry', upload, no, never, 200, 200, 200],
    ['deleteEntry', (headers) => graphql(DELETE, headers), no, never, never, 200, 200],
    ['/files', get(`/files/${hash}`), no, 200, 200, 200, 200],
    [
      'HEAD of /files',
      (headers) => ask(`/files/${hash}`, { method: 'HEAD', headers }),
      no,
      200,
      200,
      200,
      200,
    ],
    ['a file that is not there', get('/files/x'), no, 404, 404, 404, 404],
    ['/imgcache/images', get(`/imgcache/images/${hash}`), no, 200, 200, 200, 200],
    ['/imgcache/images/search', get('/imgcache/images/search?url_contains=x'), no, 200, 200, 200, 200],
    ['/imgcache/health', get('/imgcache/health'), no, 200, 200, 200, 200],
    ['POST of /imgcache/images', storeOverWire, no, never, 200, 200, 200],
    [
      'DELETE of /imgcache/images',
      (headers) => ask('/imgcache/images/x', { method: 'DELETE', headers }),
      no,
      never,
      never,
      404,
      404,
    ],
    [
      'PUT of /imgcache/images',
      (headers) => ask('/imgcache/images', { method: 'PUT', headers }),
      no,
      never,
      405,
      405,
      405,
    ],
  ];
  for (const [what, call, none, read, limited, write, admin] of rows) {
    it(`${what} is for those who have the scope`, async () => {
      const statuses: Record<string, number> = {};
      const people: [string, Record<string, string>][] = [
        ['none', {}],
        ['wrong', bearer('wrong-key-of-the-test')],
        ['read', bearer(READ)],
        ['hashed', { 'x-api-key': hashed.key }],
        ['limited', bearer(LIMITED)],
        ['write', { 'x-api-key': WRITE }],
        ['admin', bearer(ADMIN)],
        ['token', bearer(await issuer.sign({ scope: 'openid lookalike:write' }))],
      ];
      for (const [who, headers] of people) statuses[who] = (await call(headers)).status;
      expect(statuses).toEqual({
        none,
        wrong: none,
        read,
        hashed: read,
        limited,
        write,
        admin,
        token: write,
      });
    });
  }

  it('GraphiQL is open, and what it asks is not', async () => {
    const page = await ask('/graphql?query=%7B__typename%7D', { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await graphql('{ __typename }', { referer: `${gateway.url}/graphql` })).status).toBe(401);
  });

  it('a refusal has the form of its path', async () => {
    const message = expect.stringMatching(/^A key is needed/);
    const query = await graphql('{ __typename }');
    expect(query.headers.get('www-authenticate')).toBe('Bearer');
    expect(await query.json()).toEqual({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] });
    const file = await ask(`/files/${hash}`);
    expect(file.headers.get('www-authenticate')).toBe('Bearer');
    expect(await file.json()).toEqual({ error: message });
    const wire = await ask(`/imgcache/images/${hash}`);
    expect(wire.headers.get('www-authenticate')).toMatch(/^Bearer, Basic realm=/);
    expect(await wire.json()).toEqual({ detail: message });
    const denied = await ask('/imgcache/images/x', { method: 'DELETE', headers: bearer(READ) });
    expect(await denied.json()).toEqual({ detail: 'This needs the scope write.' });
  });

  it('a mutation that is not allowed refuses all of the operation before it runs', async () => {
    const response = await graphql(DELETE, bearer(READ));
    expect(await response.json()).toEqual({
      errors: [{ message: 'deleteEntry needs the scope write.', extensions: { code: 'FORBIDDEN' } }],
    });
    const remove = `deleteEntry(input: { contentHash: "${hash}" }) { __typename }`;
    const both = `mutation { first: ${remove} ...Second } fragment Second on Mutation { createCollection: ${remove} }`;
    expect((await graphql(both, bearer(LIMITED))).status).toBe(403);
    const found = await graphql(`{ entry(contentHash: "${hash}") { contentHash } }`, bearer(READ));
    expect(await found.json()).toMatchObject({ data: { entry: { contentHash: hash } } });
  });

  it('files are not for caches that others share', async () => {
    const file = await ask(`/files/${hash}`, { headers: bearer(READ) });
    expect(file.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  });

  it('a key counts in a header only, and whole', async () => {
    const paths = ['api_key', 'apikey', 'key', 'token', 'access_token'].map(
      (name) => `/imgcache/images/${hash}?${name}=${READ}`,
    );
    for (const path of paths) expect((await ask(path)).status).toBe(401);
    const headers: Record<string, string>[] = [
      { authorization: READ },
      { authorization: `Token ${READ}` },
      { authorization: 'Bearer' },
      bearer(READ.slice(0, -1)),
      bearer(`${READ}x`),
      bearer(`read:${READ}`),
      bearer(hashed.entry.hash),
      { 'x-api-key': '' },
      { cookie: `x-api-key=${READ}` },
    ];
    for (const wrong of headers)
      expect([wrong, (await ask(`/files/${hash}`, { headers: wrong })).status]).toEqual([wrong, 401]);
    expect((await ask(`/files/${hash}`, { headers: { authorization: `bearer ${READ}` } })).status).toBe(200);
    expect((await ask(`/files/${hash}`, { headers: { ...basic('a', 'b'), 'x-api-key': READ } })).status).toBe(
      200,
    );
  });
});

describe('Basic', () => {
  it('takes the password for a key, on imgcache only', async () => {
    const image = `/imgcache/images/${hash}`;
    for (const user of ['', 'me']) {
      expect((await ask(image, { headers: basic(user, READ) })).status).toBe(200);
      expect((await storeOverWire(basic(user, WRITE))).status).toBe(200);
    }
    for (const headers of [
      basic(READ, ''),
      basic(READ, 'x'),
      basic('', ''),
      { authorization: `Basic ${READ}` },
      { authorization: `Basic ${btoa(READ)}` },
    ])
      expect((await ask(image, { headers })).status).toBe(401);
    for (const path of ['/graphql?query=%7B__typename%7D', `/files/${hash}`, '/metrics'])
      expect((await ask(path, { headers: basic('', ADMIN) })).status).toBe(401);
  });

  it('comes from a base URL with a password, as in the original client', async () => {
    const base = new URL(`${gateway.url}/imgcache/images/meta/${hash}`);
    base.username = 'key';
    base.password = READ;
    const body = await new Promise<string>((resolve, reject) => {
      request(base, (response) => void text(response).then(resolve, reject))
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(body)).toMatchObject({ content_hash: hash });
  });
});

describe('a token', () => {
  it('without a scope of ours is known but may do nothing', async () => {
    const headers = bearer(await issuer.sign({ scope: 'openid email' }));
    expect((await graphql('{ __typename }', headers)).status).toBe(403);
    expect((await ask('/metrics', { headers })).status).toBe(403);
  });

  it('that is not valid is a 401', async () => {
    const forged = new SignJWT({ iss: issuer.url, aud: AUDIENCE, scope: 'admin' }).setProtectedHeader({
      alg: 'HS256',
    });
    const tokens = [
      await issuer.sign({ scope: 'admin', exp: 1 }),
      await issuer.sign({ scope: 'admin', aud: 'another' }),
      await forged.setExpirationTime('1h').sign(new TextEncoder().encode(AUDIENCE)),
    ];
    for (const token of tokens) expect((await graphql('{ __typename }', bearer(token))).status).toBe(401);
  });

  it('is a 503 while the keys of its issuer cannot be read, when API keys still count', async () => {
    const other = await startGateway(access());
    const askOther = (key: string) => fetch(`${other.url}/files/x`, { headers: bearer(key) });
    issuer.failWith(500);
    const response = await askOther(await issuer.sign({ scope: 'read' }));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await askOther(READ)).status).toBe(404);
    expect((await askOther('a.b.c')).status).toBe(401);
    expect(other.reported).toHaveLength(1);
    issuer.failWith(null);
    expect((await askOther(await issuer.sign({ scope: 'read' }))).status).toBe(404);
    await other.close();
  });
});

describe('without keys', () => {
  it('everybody on this machine may do everything, but no page of another site', async () => {
    const open = await startGateway({ publicUrl: 'https://pictures.example/base' });
    const store = async (headers: Record<string, string>) => {
      const form = new FormData();
      form.set('url', 'https://x.example/');
      form.set('client_name', 'test');
      form.set('file', new Blob([photo]), 'x.jpg');
      return (await fetch(`${open.url}/imgcache/images`, { method: 'POST', body: form, headers })).status;
    };
    for (const origin of ['https://evil.example', 'null', `${open.url}.evil.example`])
      expect(await store({ origin })).toBe(403);
    expect(await store({})).toBe(201);
    for (const origin of [open.url, 'https://pictures.example']) expect(await store({ origin })).toBe(200);
    const { headers } = await fetch(`${open.url}/files/${hash}`);
    expect(headers.get('cache-control')).toMatch(/^public/);
    await open.close();
  });
});

it('no key is in any answer, and none was reported', () => {
  expect(answers.length).toBeGreaterThan(300);
  for (const key of KEYS)
    for (const form of [key, Buffer.from(`:${key}`).toString('base64')]) {
      expect(answers.filter((answer) => answer.includes(form))).toEqual([]);
      expect(JSON.stringify(gateway.reported)).not.toContain(form);
    }
});
