import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '#src/config.js';
import { FaultyServer, gate, html, json, neverAnswer } from '../fakes/faulty-server.js';
import { noEntry } from '../fakes/imgcache-row.js';
import { type Exposition, scrape } from '../harness/exposition.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { until } from '../harness/patience.js';

const PHOTO = 'photos/03-fig.jpg';
const photo = picture(PHOTO);
const { bytes: photoSize, blake2b256: photoHash } = golden(PHOTO);
const STORE = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
const ADD = 'mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }';
const SEARCH = `query ($to: SimilarToInput!) {
  similar(to: $to) { images { rank } }
  entries(first: 1, filter: { urlContains: "x.example" }) { nodes { url } }
}`;
const ENTRY = `{ entry(contentHash: "${'0'.repeat(64)}") { contentHash } }`;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close; close = closing.pop()) await close();
});

async function start(settings: Partial<Config> = {}): Promise<TestGateway> {
  const gateway = await startGateway(settings);
  closing.push(() => gateway.close());
  return gateway;
}

async function service(...script: Parameters<typeof FaultyServer.start>): Promise<FaultyServer> {
  const server = await FaultyServer.start(...script);
  closing.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** Scrapes until a series has a value: what ends with a request is counted a moment after its answer. */
async function scrapeWhen(url: string, series: string, value: number): Promise<Exposition> {
  let seen: Exposition | null = null;
  return until(
    async () => {
      seen = await scrape(url);
      return seen.value(series) === value && seen;
    },
    () => `${series} is ${seen?.value(series)}, not ${value}.`,
  );
}

function storeEntry(gateway: TestGateway, bytes: Uint8Array<ArrayBuffer>) {
  const input = { url: 'https://x.example/', clientName: 'test', image: { upload: null } };
  return gateway.upload(STORE, { input }, { 'input.image.upload': bytes });
}

describe('HTTP requests', () => {
  it('are counted by route, method and status', async () => {
    const gateway = await start();
    await gateway.graphql('{ __typename }');
    await gateway.graphql('{ __typename }');
    for (const path of ['/files/x', '/nowhere', '/health?x=1', '/ready', '/imgcache/images/meta/x', '/'])
      await fetch(`${gateway.url}${path}`, { redirect: 'manual' });
    const seen = await scrapeWhen(
      gateway.url,
      'lookalike_http_requests_total{route="other",method="GET",status="302"}',
      1,
    );
    const counted = seen
      .seriesOf('lookalike_http_requests_total')
      .filter((series) => !series.includes('"metrics"'))
      .map((series) => `${series.replace(/^.*\{(.*)\}$/, '$1')} ${seen.value(series)}`);
    expect(counted.sort()).toEqual([
      'route="files",method="GET",status="404" 1',
      'route="graphql",method="POST",status="200" 2',
      'route="health",method="GET",status="200" 1',
      'route="imgcache",method="GET",status="404" 1',
      'route="other",method="GET",status="302" 1',
      'route="other",method="GET",status="404" 1',
      'route="ready",method="GET",status="200" 1',
    ]);
    expect(seen.value('lookalike_http_request_duration_seconds_count{route="graphql"}')).toBe(2);
    expect(seen.value('lookalike_http_request_duration_seconds_sum{route="graphql"}')).toBeGreaterThan(0);
  });

  it('whose client goes are counted as such', async () => {
    const imgcache = await service(neverAnswer);
    const gateway = await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const req = request(`${gateway.url}/files/${'0'.repeat(64)}`).on('error', () => {});
    req.end();
    await imgcache.received(1);
    req.destroy();
    const aborted = 'lookalike_http_requests_total{route="files",method="GET",status="ABORTED"}';
    const seen = await scrapeWhen(gateway.url, aborted, 1);
    expect(seen.value('lookalike_service_calls_total{service="IMGCACHE",outcome="ABORTED"}')).toBe(1);
  });

  it('leave no text of a client in the metrics', async () => {
    const gateway = await start();
    await fetch(`${gateway.url}/graphql`, { method: 'PROPFIND' });
    await fetch(`${gateway.url}/secret-path?secret-query`);
    await gateway.graphql('query SecretName { __typename }');
    await gateway.graphql('{ secretField }');
    const refused = 'lookalike_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"}';
    const { text, value } = await scrapeWhen(gateway.url, refused, 1);
    expect(text).not.toMatch(/secret|propfind/i);
    expect(value('lookalike_http_requests_total{route="graphql",method="OTHER",status="405"}')).toBe(1);
  });
});

describe('GraphQL operations', () => {
  it('are counted by kind and outcome, with their duration, cost and the codes of their errors', async () => {
    const imgcache = await service(html(500));
    const gateway = await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES', maxCost: 100 });
    await gateway.graphql('{ collections(first: 1) { nodes { name } } }');
    await gateway.graphql(`mutation { deleteEntry(input: { contentHash: "${photoHash}" }) { __typename } }`);
    const partial = await gateway.graphql(`{ __typename ${ENTRY.slice(1)}`);
    expect(partial.data).toEqual({ __typename: 'Query', entry: null });
    const costly = await gateway.graphql('{ entries(first: 100) { nodes { url } } }');
    const cost = Number(costly.errors?.[0]?.extensions.cost);
    expect(cost).toBeGreaterThan(100);
    await gateway.graphql('{ nothing }');
    await gateway.graphql('{');
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });

    const { value } = await scrapeWhen(gateway.url, 'lookalike_graphql_errors_total{code="BAD_REQUEST"}', 1);
    const operations = (kind: string, outcome: string) =>
      value(`lookalike_graphql_operations_total{kind="${kind}",outcome="${outcome}"}`);
    expect(operations('query', 'OK')).toBe(1);
    expect(operations('mutation', 'OK')).toBe(1);
    expect(operations('query', 'PARTIAL')).toBe(1);
    expect(operations('query', 'REFUSED')).toBe(1);
    expect(operations('unknown', 'REFUSED')).toBe(3);
    const codes = [
      'COST_LIMIT_EXCEEDED',
      'GRAPHQL_PARSE_FAILED',
      'GRAPHQL_VALIDATION_FAILED',
      'SERVICE_UNAVAILABLE',
    ];
    expect(codes.map((code) => value(`lookalike_graphql_errors_total{code="${code}"}`))).toEqual([
      1, 1, 1, 1,
    ]);
    expect(value('lookalike_graphql_operation_duration_seconds_count{kind="query"}')).toBe(3);
    // What was refused before it was read had no operation to be timed.
    expect(value('lookalike_graphql_operation_duration_seconds_count{kind="unknown"}')).toBe(0);
    expect(value('lookalike_graphql_operation_cost_bucket{le="100",kind="query"}')).toBe(2);
    expect(value('lookalike_graphql_operation_cost_sum{kind="query"}')).toBeGreaterThan(cost);
  });

  it('have their names where only known ones run', async () => {
    const trustedDocuments = new Map([['1', 'query Known { __typename }']]);
    const gateway = await start({ trustedDocuments });
    await gateway.graphql('query Known { __typename }');
    await gateway.graphql('query Unknown { __typename }');
    const untrusted = 'lookalike_graphql_errors_total{code="DOCUMENT_NOT_TRUSTED"}';
    const { text, value } = await scrapeWhen(gateway.url, untrusted, 1);
    expect(value('lookalike_graphql_operations_total{kind="query",operation="Known",outcome="OK"}')).toBe(1);
    expect(text).not.toContain('Unknown');
  });
});

describe('calls to a remote service', () => {
  const count = (outcome: string) => `lookalike_service_calls_total{service="IMGCACHE",outcome="${outcome}"}`;
  const breaker = (state: string) => `lookalike_service_breaker_state{service="IMGCACHE",state="${state}"}`;

  it('are counted by outcome, with their retries and the state of the breaker', async () => {
    const imgcache = await service(noEntry, html(500), noEntry, html(500));
    const gateway = await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    await gateway.graphql(ENTRY);
    await gateway.graphql(ENTRY);
    const before = await scrapeWhen(gateway.url, count('OK'), 2);
    expect(before.value('lookalike_service_retries_total{service="IMGCACHE"}')).toBe(1);
    expect(['CLOSED', 'OPEN', 'HALF_OPEN'].map((state) => before.value(breaker(state)))).toEqual([1, 0, 0]);

    for (let call = 0; call < 6; call++) await gateway.graphql(ENTRY);
    const after = await scrapeWhen(gateway.url, count('UNAVAILABLE'), 6);
    expect(['CLOSED', 'OPEN', 'HALF_OPEN'].map((state) => after.value(breaker(state)))).toEqual([0, 1, 0]);
    // Five calls opened it with two retries each; the sixth was not sent.
    expect(after.value('lookalike_service_retries_total{service="IMGCACHE"}')).toBe(11);
    expect(after.value('lookalike_service_call_duration_seconds_count{service="IMGCACHE"}')).toBe(8);
  });

  it('show how many run and wait', async () => {
    const { held, open } = gate(noEntry);
    const imgcache = await service(held);
    const gateway = await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const asked = Array.from({ length: 15 }, (_, i) =>
      fetch(`${gateway.url}/files/${String(i).padStart(64, '0')}`),
    );
    await imgcache.received(12);
    await until(() => imgcache.running === 12);
    const current = (state: string) => `lookalike_service_calls_current{service="IMGCACHE",state="${state}"}`;
    const busy = await scrapeWhen(gateway.url, current('QUEUED'), 3);
    expect(busy.value(current('RUNNING'))).toBe(12);
    open();
    await Promise.all(asked);
    const idle = await scrapeWhen(gateway.url, current('RUNNING'), 0);
    expect(idle.value(current('QUEUED'))).toBe(0);
  });

  it('are there only for a service that is remote', async () => {
    const imgcache = await service(json({}));
    const gateway = await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const { text } = await scrape(gateway.url);
    expect(text).toContain('service="IMGCACHE"');
    expect(text).not.toContain('service="VISUALSNOOP"');
  });
});

describe('what is stored', () => {
  it('is measured: bytes received, decoding and SQL', async () => {
    const gateway = await start();
    expect((await storeEntry(gateway, photo)).errors).toBeUndefined();
    await storeEntry(gateway, photo.subarray(0, 20_000));
    const form = new FormData();
    form.set('url', 'https://x.example/');
    form.set('client_name', 'test');
    form.set('file', new Blob([photo]), 'x.jpg');
    expect((await fetch(`${gateway.url}/imgcache/images`, { method: 'POST', body: form })).status).toBe(200);
    const { data } = await gateway.graphql('{ collections(first: 1) { nodes { collectionId } } }');
    const [{ collectionId }] = data.collections.nodes;
    const input = { collectionId, imageId: 'a', image: { upload: null } };
    const added = await gateway.upload(ADD, { input }, { 'input.image.upload': photo });
    expect(added.data.addImage.__typename).toBe('AddImageSuccess');
    const found = await gateway.upload(
      SEARCH,
      { to: { image: { upload: null } } },
      { 'to.image.upload': photo },
    );
    expect(found.data).toMatchObject({ similar: { images: [{ rank: 0 }] }, entries: { nodes: [{}] } });

    const { value } = await scrape(gateway.url);
    const uploaded = (route: string) => value(`lookalike_upload_bytes_total{route="${route}"}`);
    expect([uploaded('imgcache'), uploaded('graphql')]).toEqual([photoSize, 3 * photoSize + 20_000]);
    const decodes = (wanted: string, outcome: string) =>
      value(`lookalike_decode_duration_seconds_count{wanted="${wanted}",outcome="${outcome}"}`);
    expect(decodes('FACTS', 'DECODED')).toBeGreaterThan(0);
    expect(decodes('FACTS', 'UNDECODABLE')).toBe(1);
    expect(decodes('DESCRIPTOR', 'DECODED')).toBeGreaterThan(0);
    expect(value('lookalike_decodes_current{state="RUNNING"}')).toBe(0);
    const statements = (kind: string) => value(`lookalike_sql_duration_seconds_count{kind="${kind}"}`);
    for (const kind of ['READ', 'WRITE', 'SCAN', 'VISUAL_SEARCH'])
      expect(statements(kind)).toBeGreaterThan(0);
  });
});

it('each gateway counts for itself, and shows the process that they share', async () => {
  const [one, other] = [await start(), await start()];
  await one.graphql('{ __typename }');
  const counted = 'lookalike_graphql_operations_total{kind="query",outcome="OK"}';
  await scrapeWhen(one.url, counted, 1);
  const seen = await scrape(other.url);
  expect(seen.value(counted)).toBe(0);
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(seen.seriesOf(name)).toEqual([name]);
});

it('the documentation has each metric and its type', async () => {
  const gateway = await start();
  const { text } = await scrape(gateway.url);
  const shown = [...text.matchAll(/^# TYPE (lookalike_\w+) (\w+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  const documentation = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = documentation.matchAll(/^\| `(lookalike_\w+)` \| (\w+) \|/gm);
  const documented = [...rows].map(([, name, type]) => `${name} ${type}`);
  expect(documented.sort()).toEqual(shown.sort());
});
