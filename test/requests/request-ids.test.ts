import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { multipart } from '../harness/gateway.js';
import { type RemoteGateway, startRemoteGateway } from '../harness/remote-gateway.js';

const HASH = '0123456789abcdef';
const ID = 'id-of-the-test';

let gateway: RemoteGateway;
let collectionId: string;
let contentHash: string;

beforeEach(async () => {
  gateway = await startRemoteGateway({ collections: 1 });
  collectionId = gateway.collectionIds[0]!;
  contentHash = (await gateway.store(HASH)).contentHash;
  await gateway.add(collectionId, HASH);
});

afterEach(() => gateway.close());

type Asked = [path: string, init?: RequestInit];

function graphql(query: string, variables: object = {}): Asked {
  const headers = { 'content-type': 'application/json' };
  return ['/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) }];
}

function upload(query: string, variables: object, path: string): Asked {
  const body = multipart(query, variables, { [path]: Buffer.from(tinyPicture(HASH)) });
  return ['/graphql', { method: 'POST', headers: { 'apollo-require-preflight': '1' }, body }];
}

/** By VisualSnoop's protocol. */
function signed(method: string, below: string, body?: Buffer): Asked {
  const path = `/visualsnoop/api/v1${below}`;
  const date = new Date().toUTCString();
  const authorization = formatAuthorization({ method, path, date }, gateway.keys[0]!);
  return [path, { method, headers: { date, authorization }, ...(body && { body: Buffer.from(body) }) }];
}

async function ask([path, init = {}]: Asked, id = ID): Promise<number> {
  const headers = { ...init.headers, 'x-request-id': id };
  const answer = await fetch(gateway.url + path, { ...init, headers });
  const failed = (await answer.text()).includes('"errors":[{');
  expect(failed).toBe(false);
  return answer.status;
}

const image = { base64: tinyPicture(HASH).toString('base64') };
const origin = { url: 'https://x.example/', clientName: 'test' };
const mutation = (field: string, type: string, input: object) =>
  graphql(`mutation ($input: ${type}!) { ${field}(input: $input) { __typename } }`, { input });

const form = () => {
  const fields = new FormData();
  fields.set('url', origin.url);
  fields.set('client_name', origin.clientName);
  fields.set('lookup_time', '2026-01-01T00:00:00');
  fields.set('file', new Blob([Buffer.from(tinyPicture(HASH))]), 'x.png');
  return fields;
};

/** What is asked, and which services that asks. */
const requests: [what: string, services: ('imgcache' | 'visualsnoop')[], asked: () => Asked][] = [
  [
    'a page of joined things',
    ['imgcache', 'visualsnoop'],
    () =>
      graphql(`{
      entries(filter: { urlContains: "x" }) { nodes { contentHash similar { entry { url } } collectionImages { imageId entry { url } similar { image { imageId } } } } }
      collections { nodes { name images { nodes { imageId } } } }
    }`),
  ],
  [
    'a search for look-alikes',
    ['imgcache', 'visualsnoop'],
    () =>
      upload(
        'query ($to: SimilarToInput!) { similar(to: $to) { entries { hammingDistance } images { rank } } }',
        { to: { image: { upload: null } } },
        'to.image.upload',
      ),
  ],
  ['the states of the services', ['imgcache', 'visualsnoop'], () => graphql('{ services { status } }')],
  ['storing', ['imgcache'], () => mutation('storeEntry', 'StoreEntryInput', { image, ...origin })],
  ['deleting an entry', ['imgcache'], () => mutation('deleteEntry', 'DeleteEntryInput', { contentHash })],
  [
    'adding',
    ['visualsnoop'],
    () => mutation('addImage', 'AddImageInput', { collectionId, image, updateExisting: false }),
  ],
  [
    'deleting an image',
    ['visualsnoop'],
    () => mutation('deleteImage', 'DeleteImageInput', { collectionId, imageId: contentHash }),
  ],
  [
    'ingesting',
    ['imgcache', 'visualsnoop'],
    () => mutation('ingestImage', 'IngestImageInput', { collectionId, image, ...origin }),
  ],
  ['readiness', ['imgcache', 'visualsnoop'], () => ['/ready']],
  ['GraphiQL', ['visualsnoop'], () => ['/graphql', { headers: { accept: 'text/html' } }]],
  ['a file', ['imgcache'], () => [`/files/${contentHash}`]],
  ["an entry by imgcache's protocol", ['imgcache'], () => [`/imgcache/images/meta/${contentHash}`]],
  ["a list by imgcache's protocol", ['imgcache'], () => ['/imgcache/images/search?url_contains=x']],
  ["bytes by imgcache's protocol", ['imgcache'], () => [`/imgcache/images/${contentHash}`]],
  [
    "storing by imgcache's protocol",
    ['imgcache'],
    () => ['/imgcache/images', { method: 'POST', body: form() }],
  ],
  [
    "deleting by imgcache's protocol",
    ['imgcache'],
    () => [`/imgcache/images/${contentHash}`, { method: 'DELETE' }],
  ],
  ["a list by VisualSnoop's protocol", ['visualsnoop'], () => signed('GET', '/images')],
  ["a search by VisualSnoop's protocol", ['visualsnoop'], () => signed('POST', '/search', tinyPicture(HASH))],
  ["adding by VisualSnoop's protocol", ['visualsnoop'], () => signed('PUT', '/image/a', tinyPicture(HASH))],
  ["deleting by VisualSnoop's protocol", ['visualsnoop'], () => signed('DELETE', `/image/${contentHash}`)],
];

describe('The id of a request goes on to the services with', () => {
  for (const [what, services, asked] of requests)
    it(what, async () => {
      expect(await ask(asked())).toBeLessThan(300);
      for (const service of services) expect(gateway[service].requestIds).not.toHaveLength(0);
      const sent = [...gateway.imgcache.requestIds, ...gateway.visualsnoop.requestIds];
      expect(new Set(sent)).toEqual(new Set([ID]));
    });

  it('a read that others join, from the one who began it', async () => {
    gateway.imgcache.delayMs = 100;
    const ids = ['first', 'second', 'third'];
    const asked: Asked = [`/imgcache/images/meta/${contentHash}`];
    expect(await Promise.all(ids.map((id) => ask(asked, id)))).toEqual([200, 200, 200]);
    expect(gateway.imgcache.requestIds).toHaveLength(1);
    expect(ids).toContain(gateway.imgcache.requestIds[0]);
  });

  it('each of two reads that come one after the other', async () => {
    const asked: Asked = [`/imgcache/images/meta/${contentHash}`];
    for (const id of ['first', 'second']) await ask(asked, id);
    expect(gateway.imgcache.requestIds).toEqual(['first', 'second']);
  });
});

describe('A write that was started', () => {
  it('finishes when its client has gone', async () => {
    gateway.imgcache.delayMs = 200;
    const [path, init] = mutation('deleteEntry', 'DeleteEntryInput', { contentHash });
    const leaving = new AbortController();
    const left = fetch(gateway.url + path, { ...init, signal: leaving.signal });
    while (gateway.imgcache.running === 0) await new Promise(setImmediate);
    leaving.abort();
    await expect(left).rejects.toThrow();
    while (gateway.imgcache.running > 0) await new Promise(setImmediate);
    gateway.imgcache.delayMs = 0;
    expect(await ask([`/imgcache/images/meta/${contentHash}`])).toBe(404);
  });
});
