import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, LookalikeError, StoreEntryDocument, type Uploadable } from '#src/client/index.js';
import { fakeFetch, type SentRequest } from './fake-fetch.js';

const url = 'http://gateway/graphql';
const bytes = new TextEncoder().encode('bytes');
const answer = { data: { storeEntry: { __typename: 'InvalidImageError', message: 'No image.' } } };

const inputOf = (upload: Uploadable) => ({ url: 'https://a/b.png', clientName: 'c', image: { upload } });

async function store(upload: Uploadable): Promise<SentRequest> {
  const { fetch, sent } = fakeFetch(answer);
  await createClient({ url, fetch }).storeEntry(inputOf(upload));
  return sent[0]!;
}

const operations = JSON.stringify({
  query: StoreEntryDocument,
  variables: { input: { url: 'https://a/b.png', clientName: 'c', image: { upload: null } } },
});

/** The body of a request that stores `bytes`. */
const expectedBody = (boundary: string, filename: string, type: string) =>
  [
    `--${boundary}`,
    'Content-Disposition: form-data; name="operations"',
    '',
    operations,
    `--${boundary}`,
    'Content-Disposition: form-data; name="map"',
    '',
    '{"0":["variables.input.image.upload"]}',
    `--${boundary}`,
    `Content-Disposition: form-data; name="0"; filename="${filename}"`,
    `Content-Type: ${type}`,
    '',
    'bytes',
    `--${boundary}--`,
    '',
  ].join('\r\n');

async function* chunks() {
  yield bytes.subarray(0, 2);
  yield bytes.subarray(2);
}

const forms: [name: string, upload: () => Uploadable, filename: string, type: string][] = [
  ['Uint8Array', () => bytes, 'upload', 'application/octet-stream'],
  ['Buffer', () => Buffer.from('bytes'), 'upload', 'application/octet-stream'],
  ['Blob', () => new Blob(['bytes'], { type: 'image/png' }), 'upload', 'image/png'],
  [
    'File',
    () => new File(['bytes'], 'a "b"\r\n.png', { type: 'image/png' }),
    'a %22b%22%0D%0A.png',
    'image/png',
  ],
  ['ReadableStream', () => new Blob(['bytes']).stream(), 'upload', 'application/octet-stream'],
  ['Readable of Node', () => Readable.from(chunks()), 'upload', 'application/octet-stream'],
  ['async generator', () => chunks(), 'upload', 'application/octet-stream'],
];

describe('an upload', () => {
  for (const [name, upload, filename, type] of forms)
    it(`from a ${name} is sent as a GraphQL multipart request`, async () => {
      const { init } = await store(upload());
      const { 'content-type': contentType, 'apollo-require-preflight': preflight } = init.headers;
      const [, boundary] =
        /^multipart\/form-data; boundary=(lookalike-[0-9a-f]{32})$/.exec(contentType!) ?? [];
      expect(preflight).toBe('true');
      expect(await new Response(init.body).text()).toBe(expectedBody(boundary!, filename, type));
    });

  it('in several places of the variables is sent once', async () => {
    const { fetch, sent } = fakeFetch({ data: {} });
    const image = { upload: bytes };
    await createClient({ url, fetch }).request('mutation', { a: [image, { upload: chunks() }], b: image });
    const body = await new Response(sent[0]!.init.body).text();
    expect(body).toContain(
      '{"0":["variables.a.0.upload","variables.b.upload"],"1":["variables.a.1.upload"]}',
    );
    expect(body).toContain('"variables":{"a":[{"upload":null},{"upload":null}],"b":{"upload":null}}');
    expect(body.match(/bytes/g)).toHaveLength(2);
  });

  it('that is no stream has a length that is known before it is sent', async () => {
    expect((await store(bytes)).init.body).toBeInstanceOf(Blob);
    expect((await store(new Blob(['bytes']))).init).not.toHaveProperty('duplex');
  });
});

describe('a streamed upload', () => {
  let server: Server;
  let address: string;
  let received = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      request.on('end', () => response.end(JSON.stringify(answer)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is sent while it is read', async () => {
    received = 0;
    async function* slow() {
      yield bytes;
      while (received === 0) await sleep(5);
      yield bytes;
    }
    await createClient({ url: address }).storeEntry(inputOf(slow()));
  });

  it('is cancelled with its request, also while it waits', async () => {
    const controller = new AbortController();
    let cancelled = false;
    const stuck = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(bytes),
      cancel() {
        cancelled = true;
      },
    });
    received = 0;
    const sent = createClient({ url: address }).storeEntry(inputOf(stuck), { signal: controller.signal });
    const rejected = expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    while (received === 0) await sleep(5);
    controller.abort();
    await rejected;
    await expect.poll(() => cancelled).toBe(true);
  });

  it('that fails makes its request fail', async () => {
    async function* broken() {
      yield bytes;
      throw new Error('The disk is gone.');
    }
    const error = await createClient({ url: address })
      .storeEntry(inputOf(broken()))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LookalikeError);
    expect(error).toMatchObject({ code: 'NETWORK_ERROR' });
  });
});
