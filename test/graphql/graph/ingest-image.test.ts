import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { NotAPictureError } from '#src/services/visualsnoop.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

const INGEST = /* GraphQL */ `
  mutation ($input: IngestImageInput!) {
    ingestImage(input: $input) {
      __typename
      ... on IngestImageSuccess {
        entryStatus
        imageStatus
        entry { contentHash url collectionImages { imageId } }
        image { imageId imageTime entry { url } collection { collectionId } }
      }
      ... on IngestImagePartial {
        entryStatus
        entry { contentHash }
        imageError { __typename message ... on ServiceError { service code retryable } }
      }
      ... on InvalidInputError { issues { path } }
      ... on ServiceError { service code }
      ... on Error { message }
    }
  }
`;

const bytes = tinyPicture('00000000000000ff');
const image = { base64: bytes.toString('base64') };
const origin = { url: 'https://x.example/a.png', clientName: 'test' };

let graph: TestGraph;
let collectionId: string;
const stops: (() => Promise<void>)[] = [];

/** VisualSnoop in memory, or the same behind its protocol. */
async function start(where: 'embedded' | 'remote'): Promise<void> {
  const memory = new MemoryVisualSnoop();
  const created = await memory.createCollection({ name: 'test' });
  collectionId = created.collection.collectionId;
  if (where === 'embedded') {
    graph = await startGraph({ visualsnoop: memory });
    return;
  }
  const server = await new VisualSnoopWireServer(memory, memory).listen();
  const client = createVisualSnoopClient({ baseUrl: server.baseUrl, keys: [created], timeoutMs: 5000 });
  graph = await startGraph({ visualsnoop: client });
  stops.push(
    () => client.close(),
    () => server.close(),
  );
}

beforeEach(() => start('embedded'));
afterEach(async () => {
  await graph.close();
  for (const stop of stops.splice(0)) await stop();
  expect(graph.reported).toEqual([]);
  expect(graph.staging.open).toBe(0);
});

async function ingest(more: object = {}) {
  const { data, errors } = await graph.graphql(INGEST, {
    input: { collectionId, image, ...origin, ...more },
  });
  expect(errors).toBeUndefined();
  return data.ingestImage;
}

describe.each(['embedded', 'remote'] as const)('ingestImage with a VisualSnoop that is %s', (where) => {
  beforeEach(async () => {
    await graph.close();
    await start(where);
  });

  it('stores in imgcache and adds to the collection, and a repeat changes nothing', async () => {
    const first = await ingest();
    expect(first).toMatchObject({
      __typename: 'IngestImageSuccess',
      entryStatus: 'CREATED',
      imageStatus: 'ADDED',
      entry: { url: origin.url },
      image: { imageTime: expect.any(String), entry: { url: origin.url }, collection: { collectionId } },
    });
    expect(first.image.imageId).toBe(first.entry.contentHash);
    expect(first.entry.collectionImages).toEqual([{ imageId: first.entry.contentHash }]);
    expect(await ingest()).toEqual({ ...first, entryStatus: 'UNCHANGED', imageStatus: 'UNCHANGED' });
    expect(await ingest({ url: 'https://y.example/' })).toMatchObject({
      entryStatus: 'URL_ADDED',
      imageStatus: 'UNCHANGED',
    });
  });

  it('is completed by a repeat when VisualSnoop had failed, also after it had added', async () => {
    const away = unavailable('VISUALSNOOP');
    graph.visualsnoop.failures.set('addImage', away);
    const partial = await ingest();
    expect(partial).toEqual({
      __typename: 'IngestImagePartial',
      message: expect.stringContaining(away.message),
      entryStatus: 'CREATED',
      entry: { contentHash: expect.any(String) },
      imageError: {
        __typename: 'ServiceError',
        message: away.message,
        service: 'VISUALSNOOP',
        code: 'UNAVAILABLE',
        retryable: true,
      },
    });
    graph.visualsnoop.failures.clear();
    await graph.add(collectionId, bytes, { imageId: partial.entry.contentHash });
    expect(await ingest()).toMatchObject({ entryStatus: 'UNCHANGED', imageStatus: 'UNCHANGED' });
  });

  it('is completed by a repeat when imgcache had failed, also after it had stored', async () => {
    graph.imgcache.failures.set('store', unavailable('IMGCACHE'));
    expect(await ingest()).toMatchObject({ __typename: 'ServiceError', service: 'IMGCACHE' });
    expect(graph.visualsnoop.calls.map(([method]) => method)).toEqual(['getCollections']);
    graph.imgcache.failures.clear();
    await graph.store(bytes, origin.url);
    expect(await ingest()).toMatchObject({ entryStatus: 'UNCHANGED', imageStatus: 'ADDED' });
  });

  it('stores nothing for a collection that is not there', async () => {
    expect(await ingest({ collectionId: 'none' })).toEqual({
      __typename: 'NotFoundError',
      message: 'There is no collection none.',
    });
    expect(graph.imgcache.calls).toEqual([]);
    expect(graph.staging.bytesRead).toBe(0);
  });

  it('keeps the picture in imgcache when VisualSnoop is away altogether', async () => {
    for (const method of ['getCollections', 'addImage'])
      graph.visualsnoop.failures.set(method, unavailable('VISUALSNOOP'));
    expect(await ingest()).toMatchObject({ __typename: 'IngestImagePartial', entryStatus: 'CREATED' });
    graph.visualsnoop.failures.clear();
    expect(await ingest()).toMatchObject({ entryStatus: 'UNCHANGED', imageStatus: 'ADDED' });
  });
});

describe('ingestImage', () => {
  it('receives an upload once for both services', async () => {
    const input = { collectionId, image: { upload: null }, ...origin };
    const { data } = await graph.upload(INGEST, { input }, { 'input.image.upload': Buffer.from(bytes) });
    expect(data.ingestImage.__typename).toBe('IngestImageSuccess');
    expect(graph.staging.bytesRead).toBe(bytes.length);
  });

  it('puts the picture back under its content hash when something else was there', async () => {
    const { entry } = await ingest();
    const other = tinyPicture('0'.repeat(16));
    await graph.add(collectionId, other, { imageId: entry.contentHash, updateExisting: true });
    expect(await ingest()).toMatchObject({ entryStatus: 'UNCHANGED', imageStatus: 'UPDATED' });
  });

  it('is partial for a picture that only imgcache takes', async () => {
    graph.visualsnoop.failures.set('addImage', new NotAPictureError('No.'));
    expect(await ingest()).toMatchObject({
      __typename: 'IngestImagePartial',
      imageError: { __typename: 'InvalidImageError' },
    });
  });

  it('names everything that is wrong with its input at once, and asks nobody', async () => {
    expect(await ingest({ collectionId: 'a\0', url: '', clientName: '\n' })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [
        { path: ['input', 'url'] },
        { path: ['input', 'clientName'] },
        { path: ['input', 'collectionId'] },
      ],
    });
    expect(await ingest({ image: { base64: Buffer.from('text').toString('base64') } })).toMatchObject({
      __typename: 'InvalidImageError',
    });
    expect(graph.imgcache.calls).toEqual([]);
  });
});
