import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake2b } from 'hash-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { until } from '../harness/patience.js';
import { stagedFiles } from '../harness/staged-files.js';

const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on StoreEntrySuccess { entry { contentHash } } } }';
const OPERATIONS = JSON.stringify({
  query: STORE,
  variables: { input: { url: 'u', clientName: 'c', image: { upload: null } } },
});
const MAP = JSON.stringify({ 0: ['variables.input.image.upload'] });

let gateway: TestGateway;
let spool: string;
const systemTmp = process.env.TMPDIR;

beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), 'lookalike-spool-'));
  const dataDir = mkdtempSync(join(tmpdir(), 'lookalike-data-'));
  process.env.TMPDIR = spool;
  gateway = await startGateway({ maxUploadBytes: 2_000_000, dataDir });
});
afterAll(async () => {
  await gateway.close();
  if (systemTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemTmp;
  rmSync(spool, { recursive: true, force: true });
});

/** Every part of a hand-made body: a name, and a file name for files. */
type Part = [name: string, content: string | Buffer, filename?: string];

function body(parts: readonly Part[], end = '--X--\r\n'): Buffer<ArrayBuffer> {
  const encoded = parts.map(([name, content, filename]) =>
    Buffer.concat([
      Buffer.from(
        `--X\r\nContent-Disposition: form-data; name="${name}"${filename ? `; filename="${filename}"` : ''}\r\n\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
  );
  return Buffer.concat([...encoded, Buffer.from(end)]);
}

async function send(content: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    body: content,
    headers: {
      'content-type': 'multipart/form-data; boundary=X',
      'apollo-require-preflight': '1',
      ...headers,
    },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

/** Waits until nothing of uploads is left in the temporary and data folders. */
async function untilTidy(): Promise<void> {
  const files = () => [...readdirSync(spool), ...stagedFiles(gateway.dataDir)];
  await until(
    () => files().length === 0,
    () => `These were left: ${files().join(', ')}`,
  );
}

const photo = picture('photos/03-fig.jpg');
/** Bytes that no other test stores. */
const once = Buffer.concat([photo, Buffer.from('once')]);
const hashOfOnce = await blake2b(once, 256);
const good: Part[] = [
  ['operations', OPERATIONS],
  ['map', MAP],
  ['0', photo, 'a.jpg'],
];

describe('a multipart upload', () => {
  it('is stored, and leaves no temporary file', async () => {
    const { status, body: answer } = await send(body(good));
    expect(status).toBe(200);
    expect(answer.data.storeEntry.__typename).toBe('StoreEntrySuccess');
    await untilTidy();
  });

  it('needs a header that no form on another site can send', async () => {
    const { status, body: answer } = await send(body(good), { 'apollo-require-preflight': '' });
    expect(status).toBe(403);
    expect(answer.errors[0].extensions.code).toBe('CSRF_HEADER_MISSING');
    expect(
      (await send(body(good), { 'apollo-require-preflight': '', 'x-graphql-yoga-csrf': '1' })).status,
    ).toBe(200);
  });

  const malformed: [behaviour: string, content: Buffer<ArrayBuffer>, headers?: Record<string, string>][] = [
    ['without operations', body(good.slice(1))],
    ['without map', body([good[0]!])],
    ['with a file before the map', body([good[0]!, good[2]!, good[1]!])],
    ['with operations that are no JSON', body([['operations', '{'], good[1]!, good[2]!])],
    ['with a map that is no JSON', body([good[0]!, ['map', '{'], good[2]!])],
    ['with a map to nowhere', body([good[0]!, ['map', '{"0":["variables.nowhere.at.all"]}'], good[2]!])],
    ['with a map to __proto__', body([good[0]!, ['map', '{"0":["__proto__.polluted"]}'], good[2]!])],
    [
      'with a map to constructor.prototype',
      body([good[0]!, ['map', '{"0":["constructor.prototype.x"]}'], good[2]!]),
    ],
    ['without the file of the map', body(good.slice(0, 2))],
    ['cut off in the map', body(good.slice(0, 2)).subarray(0, -40)],
    ['cut off in the file', body(good).subarray(0, -50_000)],
    ['without an end', body(good, '')],
    ['without a boundary', body(good), { 'content-type': 'multipart/form-data' }],
    ['with another boundary', body(good), { 'content-type': 'multipart/form-data; boundary=Y' }],
    ['with an empty body', Buffer.alloc(0)],
  ];
  for (const [behaviour, content, headers] of malformed) {
    it(`${behaviour} is a 400 with errors and without data`, async () => {
      const { status, body: answer } = await send(content, headers);
      expect({ status, data: answer.data }).toEqual({ status: 400, data: undefined });
      expect(answer.errors).toEqual([
        { message: expect.stringMatching(/./), extensions: { code: 'BAD_REQUEST' } },
      ]);
      await untilTidy();
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });
  }

  it('may have text parts that nobody asked for, at any place', async () => {
    const spare: Part = ['spare', 'x'];
    const parts = [spare, ['__proto__', '{}'] as Part, ...good.flatMap((part) => [part, spare, spare])];
    const { status, body: answer } = await send(body(parts));
    expect([status, answer.data?.storeEntry.__typename]).toEqual([200, 'StoreEntrySuccess']);
    await untilTidy();
  });

  it('gives the entry the name of the file, unless there is another or none', async () => {
    const names: [own: string, given: string | null | undefined, expected: string][] = [
      ['a "b" ü.jpg', undefined, 'a "b" ü.jpg'],
      ['own.jpg', null, 'own.jpg'],
      ['own.jpg', 'given.jpg', 'given.jpg'],
      ['blob', undefined, 'url.jpg'],
      ['upload', undefined, 'url.jpg'],
      ['x'.repeat(1025), undefined, 'url.jpg'],
      ['C:\\pictures\\own.jpg', undefined, 'own.jpg'],
    ];
    const query =
      'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ... on StoreEntrySuccess { entry { originalFilename } } } }';
    for (const [index, [own, given, expected]] of names.entries()) {
      const image = { upload: null };
      const input = { url: 'https://x.example/url.jpg', clientName: 'c', image, filename: given };
      const bytes = Buffer.concat([photo, Buffer.from([index])]);
      const { body: answer } = await send(
        body([
          ['operations', JSON.stringify({ query, variables: { input } })],
          ['map', MAP],
          ['0', bytes, own.replaceAll('\\', '\\\\').replaceAll('"', '\\"')],
        ]),
      );
      expect([own, answer.data?.storeEntry.entry.originalFilename]).toEqual([own, expected]);
    }
  });

  it('serves several fields with one file, each as if it had its own', async () => {
    const query = `mutation ($input: StoreEntryInput!, $file: Upload!) {
      first: storeEntry(input: $input) { ... on StoreEntrySuccess { status entry { contentHash } } }
      deleted: deleteEntry(input: { contentHash: "${hashOfOnce}" }) { __typename }
      again: storeEntry(input: { url: "v", clientName: "c", image: { upload: $file } }) {
        ... on StoreEntrySuccess { status entry { fileUrl } }
      }
      same: storeEntry(input: $input) { ... on StoreEntrySuccess { entry { contentHash } } }
    }`;
    const input = { url: 'u', clientName: 'c', image: { upload: null } };
    const { body: answer } = await send(
      body([
        ['operations', JSON.stringify({ query, variables: { input, file: null } })],
        ['map', '{"0":["variables.input.image.upload","variables.file"]}'],
        ['0', once, 'once.jpg'],
      ]),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({
      first: { status: 'CREATED', entry: { contentHash: hashOfOnce } },
      deleted: { __typename: 'DeleteEntrySuccess' },
      again: { status: 'CREATED' },
      same: { entry: { contentHash: hashOfOnce } },
    });
    const file = await fetch(`${gateway.url}/files/${hashOfOnce}`);
    expect(Buffer.from(await file.arrayBuffer()).equals(once)).toBe(true);
    await untilTidy();
  });

  it('with a repeated map takes the first one, and leaks no temporary file', async () => {
    const [operations, map, file] = good as [Part, Part, Part];
    expect((await send(body([operations, map, ['map', '{}'], operations, file]))).status).toBe(200);
    await untilTidy();
  });

  it('in a bad variable is told of without its inner fields', async () => {
    const query = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
    const input = { url: 'https://x.example/a', clientName: 'c', image: { upload: null }, other: 1 };
    const operations: Part = ['operations', JSON.stringify({ query, variables: { input } })];
    const { body: answer } = await send(body([operations, ...good.slice(1)]));
    expect(answer.errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(answer.errors[0].message).toContain('upload: a file');
    await untilTidy();
  });

  it('with a repeated part leaks no temporary file', async () => {
    const repeated: Part[] = [
      ...good,
      ['0', picture('photos/04-brushes.jpg'), 'b.jpg'],
      ['0', photo, 'c.jpg'],
    ];
    expect((await send(body(repeated))).status).toBe(200);
    await untilTidy();
  });

  it('with a file that no variable takes is answered at once, and the connection stays usable', async () => {
    const operations = JSON.stringify({ query: '{ __typename }', variables: { file: null } });
    const content = body([
      ['operations', operations],
      ['map', '{"0":["variables.file"]}'],
      ['0', Buffer.alloc(900_000), 'a'],
    ]);
    const start = performance.now();
    for (let n = 0; n < 3; n++) expect((await send(content)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(4000);
    await untilTidy();
  });

  it('of an operation that does not validate is answered at once', async () => {
    const operations = JSON.stringify({ query: '{ nothing }', variables: { file: null } });
    const start = performance.now();
    const { body: answer } = await send(
      body([
        ['operations', operations],
        ['map', '{"0":["variables.file"]}'],
        ['0', Buffer.alloc(900_000), 'a'],
      ]),
    );
    expect(answer.errors[0].message).toContain('nothing');
    expect(performance.now() - start).toBeLessThan(4000);
    await untilTidy();
  });

  it('of 11 files is a 413', async () => {
    const map = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [n, [`variables.files.${n}`]]));
    const operations = JSON.stringify({
      query: '{ __typename }',
      variables: { files: Array(11).fill(null) },
    });
    const { status, body: answer } = await send(
      body([
        ['operations', operations],
        ['map', JSON.stringify(map)],
      ]),
    );
    expect(status).toBe(413);
    expect(answer.errors[0].extensions.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('over the limit of one file is refused, chunked too', async () => {
    const content = body([good[0]!, good[1]!, ['0', Buffer.alloc(2_000_001), 'a']]);
    const { body: answer } = await send(content);
    expect(answer.data.storeEntry.__typename).toBe('UploadTooLargeError');
    expect(await sendChunked(content)).toContain('UploadTooLargeError');
    await untilTidy();
  });

  it('of a Content-Length over all limits is a 413 before it is read', async () => {
    const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=X\r\napollo-require-preflight: 1\r\nContent-Length: ${10 ** 12}\r\n\r\n`;
    expect(await exchange(head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that its client aborts leaves nothing, and the gateway goes on', async () => {
    await Promise.all(Array.from({ length: 20 }, () => abortMidway(body(good))));
    await untilTidy();
    expect((await send(body(good))).status).toBe(200);
    expect(gateway.reported).toEqual([]);
  });

  it('of 25 MB passes where the limit allows, and Yoga has no limit of its own', async () => {
    const large = await startGateway({ maxUploadBytes: 64 * 2 ** 20 });
    const bytes = Buffer.concat([photo, Buffer.alloc(30 * 2 ** 20)]);
    const input = { url: 'u', clientName: 'c', image: { upload: null } };
    const { data } = await large.upload(STORE, { input }, { 'input.image.upload': bytes });
    expect(data.storeEntry.__typename).toBe('StoreEntrySuccess');
    await large.close();
  });
});

describe('an upload that is none', () => {
  const codesOf = ({ errors }: { errors?: { message: string; extensions: object }[] }) =>
    errors?.map(({ extensions }) => extensions);
  const badInput = [{ code: 'BAD_USER_INPUT' }];

  it('is told to send a multipart request', async () => {
    const image = (upload: unknown) => ({ input: { url: 'u', clientName: 'c', image: { upload } } });
    for (const upload of ['a.jpg', {}, [], 5, true, { promise: {} }]) {
      const answer = await gateway.graphql(STORE, image(upload));
      expect([upload, codesOf(answer)]).toEqual([upload, badInput]);
      expect(answer.errors?.[0]?.message).toContain('send a multipart request');
    }
    const literal = await gateway.graphql(
      '{ similar(to: { image: { upload: "a.jpg" } }) { perceptualHash } }',
    );
    expect(codesOf(literal)).toEqual(badInput);
    expect(literal.errors?.[0]?.message).toMatch(/^to\.image\.upload: .*send a multipart request/);
  });

  it('is bad input where it is null, however it is given', async () => {
    const mutation = (type: string) =>
      `mutation ($u: ${type}) { storeEntry(input: { url: "u", clientName: "c", image: { upload: $u } }) { __typename } }`;
    const input = { url: 'u', clientName: 'c', image: { upload: null } };
    const answers = [
      await gateway.graphql(mutation('Upload!'), { u: null }),
      await gateway.graphql(mutation('Upload!'), {}),
      await gateway.graphql(mutation('Upload'), { u: null }),
      await gateway.graphql('query ($i: ImageInput) { similar(to: { image: $i }) { perceptualHash } }', {
        i: null,
      }),
      await gateway.graphql(STORE, { input }),
      await gateway.graphql(STORE, { input: { ...input, image: {} } }),
      await gateway.graphql(STORE, { input: { ...input, image: { upload: null, base64: 'eA==' } } }),
    ];
    for (const answer of answers) expect(codesOf(answer)).toEqual(badInput);
    expect(gateway.reported).toEqual([]);
  });
});

describe('a JSON body', () => {
  const post = (content: string, contentType = 'application/json') =>
    fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      body: content,
      headers: { 'content-type': contentType },
    });

  it('over 2 MiB is a 413', async () => {
    const response = await post(
      JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(2 ** 21) } }),
    );
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
  });

  it('may hold a picture of a megabyte in base64', async () => {
    const bytes = Buffer.concat([photo, Buffer.alloc(1_200_000)]).toString('base64');
    const { data } = await gateway.graphql(STORE, {
      input: { url: 'u', clientName: 'c', image: { base64: bytes } },
    });
    expect(data.storeEntry.__typename).toBe('StoreEntrySuccess');
  });

  it('with a query over 100 kB is refused', async () => {
    const response = await post(JSON.stringify({ query: `{ __typename } #${'x'.repeat(100_000)}` }));
    expect(response.status).toBe(413);
  });

  it('that is no JSON, or no object, is a 400', async () => {
    for (const content of ['{', '', '[]', '5', 'null', '"x"', '{"query":5}'])
      expect([content, (await post(content)).status]).toEqual([content, 400]);
  });

  it('of another content type is a 415, read or not', async () => {
    for (const contentType of ['application/graphql', 'application/xml', 'image/png'])
      expect((await post('{ __typename }', contentType)).status).toBe(415);
  });

  it('of a simple content type needs the header too', async () => {
    expect((await post('{"query":"{ __typename }"}', 'text/plain')).status).toBe(403);
  });
});

function sendChunked(content: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=X', 'apollo-require-preflight': '1' };
    const req = request(`${gateway.url}/graphql`, { method: 'POST', headers }, (res) => {
      let text = '';
      res.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
    });
    req.on('error', reject);
    for (let at = 0; at < content.length; at += 65_536) req.write(content.subarray(at, at + 65_536));
    req.end();
  });
}

/** Sends bytes on a connection of their own and reads what comes until it is closed or still for a moment. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      socket.destroy();
      resolve(text);
    });
    socket.on('error', reject);
  });
}

function abortMidway(content: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=X\r\napollo-require-preflight: 1\r\nContent-Length: ${content.length}\r\n\r\n`,
      );
      socket.write(content.subarray(0, content.length / 2), () => setTimeout(() => socket.destroy(), 30));
    });
    socket.on('close', () => resolve());
    socket.on('error', () => {});
  });
}
