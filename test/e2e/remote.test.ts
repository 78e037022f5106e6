import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImgCacheWire } from '#src/protocols/imgcache/handler.js';
import { alone } from '../harness/alone.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { until } from '../harness/patience.js';

const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on StoreEntrySuccess { status } ... on ServiceError { service code retryable } } }';
const SIMILAR =
  'query ($to: SimilarToInput!) { similar(to: $to) { entries { entry { url } } images { rank } searches { service outcome } } }';

let engine: TestEngine;
let server: Server;
let port: number;
let gateway: TestGateway;

/** The imgcache that is far away goes, and comes back at the same address. */
async function arrive(): Promise<void> {
  const wire = alone(createImgCacheWire({ ...engine, maxUploadBytes: 10_000_000, onError: () => {} }));
  server = createServer((req, res) => void wire(req, res, (req.url ?? '').split('?')[0]!));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

async function leave(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

beforeAll(async () => {
  engine = await openTestEngine();
  port = 0;
  await arrive();
  await leave();
  gateway = await startGateway({ imgcacheUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await gateway.close();
  await leave();
  await engine.close();
});

const services = async () =>
  (await gateway.graphql('{ services { name mode status message } }')).data.services;
const storeFig = () =>
  gateway.upload(
    STORE,
    { input: { url: 'https://a.example/fig', clientName: 'c', image: { upload: null } } },
    { 'input.image.upload': picture('photos/03-fig.jpg') },
  );
const similarToFig = () =>
  gateway.upload(
    SIMILAR,
    { to: { image: { upload: null } } },
    { 'to.image.upload': picture('derived/fig-q30.jpg') },
  );

describe('a gateway with one remote service', () => {
  it('starts while that is away, says so, and answers for the other', async () => {
    expect(await services()).toEqual([
      { name: 'VISUALSNOOP', mode: 'EMBEDDED', status: 'UP', message: null },
      { name: 'IMGCACHE', mode: 'REMOTE', status: 'DOWN', message: expect.not.stringContaining('127.0.0.1') },
    ]);
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', services: { VISUALSNOOP: 'UP', IMGCACHE: 'DOWN' } },
    ]);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const { data, errors } = await similarToFig();
    expect(data.similar).toMatchObject({ entries: null, images: [] });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['similar', 'entries'],
        extensions: { code: 'SERVICE_UNAVAILABLE', service: 'IMGCACHE', retryable: true },
      }),
    ]);
    expect((await storeFig()).data.storeEntry).toEqual({
      __typename: 'ServiceError',
      service: 'IMGCACHE',
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });

  it('uses it when it comes, without a restart', async () => {
    await arrive();
    await until(async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    expect((await storeFig()).data.storeEntry).toMatchObject({ status: 'CREATED' });
    expect((await storeFig()).data.storeEntry).toMatchObject({ status: 'UNCHANGED' });
    const { data } = await similarToFig();
    expect(data.similar.entries).toEqual([{ entry: { url: 'https://a.example/fig' } }]);
    const file = await fetch(`${gateway.url}/files/${golden('photos/03-fig.jpg').blake2b256}`, {
      headers: { range: 'bytes=10-19' },
    });
    expect(file.status).toBe(206);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(picture('photos/03-fig.jpg').subarray(10, 20));
  });

  it('tells nothing that it should not', () => {
    expect(gateway.reported).toEqual([]);
  });
});
