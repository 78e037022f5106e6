import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

const DELETE_ENTRIES = /* GraphQL */ `
  mutation ($input: DeleteEntriesInput!) {
    deleteEntries(input: $input) {
      __typename
      ... on DeleteEntriesSuccess {
        results {
          __typename
          ... on DeleteEntrySuccess { deletedId contentHash }
          ... on ServiceError { service code retryable }
          ... on Error { message }
        }
      }
      ... on InvalidInputError { issues { path message } }
      ... on Error { message }
    }
  }
`;
const DELETE_IMAGES = /* GraphQL */ `
  mutation ($input: DeleteImagesInput!) {
    deleteImages(input: $input) {
      __typename
      ... on DeleteImagesSuccess {
        results {
          __typename
          ... on DeleteImageSuccess { imageId imageTime }
          ... on ServiceError { service code retryable }
          ... on Error { message }
        }
      }
      ... on InvalidInputError { issues { path message } }
      ... on Error { message }
    }
  }
`;
const ADD_ENTRIES = /* GraphQL */ `
  mutation ($input: AddEntriesToCollectionInput!) {
    addEntriesToCollection(input: $input) {
      __typename
      ... on AddEntriesToCollectionSuccess {
        results {
          __typename
          ... on AddImageSuccess { status image { imageId imageTime entry { contentHash } } }
          ... on ServiceError { service code retryable }
          ... on UploadTooLargeError { maxBytes }
          ... on Error { message }
        }
      }
      ... on InvalidInputError { issues { path message } }
      ... on Error { message }
    }
  }
`;

let graph: TestGraph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(async () => {
  await graph.close();
  expect(graph.reported).toEqual([]);
  expect(graph.staging.open).toBe(0);
});

const picture = (n: number) => tinyPicture('0'.repeat(16), String(n));
const absent = 'f'.repeat(64);
const storeSome = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => graph.store(picture(n), `https://x.example/${n}`)));
const namesOf = (results: { __typename: string }[]) => results.map(({ __typename }) => __typename);

describe('deleteEntries', () => {
  const run = async (contentHashes: string[]) => {
    const { data } = await graph.graphql(DELETE_ENTRIES, { input: { contentHashes } });
    return data.deleteEntries;
  };

  it('gives each its result in order, those that are not there and those given twice too', async () => {
    const [a, b, c] = (await storeSome(3)).map(({ contentHash }) => contentHash) as [string, string, string];
    const { results } = await run([a, absent, b, a]);
    expect(results).toEqual([
      { __typename: 'DeleteEntrySuccess', contentHash: a, deletedId: expect.any(String) },
      { __typename: 'NotFoundError', message: `There is no entry ${absent}.` },
      { __typename: 'DeleteEntrySuccess', contentHash: b, deletedId: expect.any(String) },
      results[0],
    ]);
    expect(graph.imgcache.calls.filter(([method]) => method === 'delete')).toHaveLength(3);
    expect(namesOf((await run([a, c])).results)).toEqual(['NotFoundError', 'DeleteEntrySuccess']);
    expect(await run([])).toMatchObject({ results: [] });
  });

  it('says of each what became of it when the service dies midway, and is completed by a repeat', async () => {
    const hashes = (await storeSome(40)).map(({ contentHash }) => contentHash);
    const imgcache = new MemoryImgCache();
    const original = imgcache.delete.bind(imgcache);
    await graph.close();
    graph = await startGraph({ imgcache });
    await storeSome(40);
    let left = 13;
    const dying = vi.spyOn(imgcache, 'delete');
    dying.mockImplementation((hash) =>
      left-- > 0 ? original(hash) : Promise.reject(unavailable('IMGCACHE')),
    );
    const { results } = await run(hashes);
    expect(results).toHaveLength(40);
    const failed = results.filter(({ __typename }: { __typename: string }) => __typename === 'ServiceError');
    expect(failed).toHaveLength(27);
    for (const error of failed)
      expect(error).toMatchObject({ service: 'IMGCACHE', code: 'UNAVAILABLE', retryable: true });
    dying.mockRestore();
    const again = namesOf((await run(hashes)).results);
    expect(again.filter((name) => name === 'DeleteEntrySuccess')).toHaveLength(27);
    expect(again.filter((name) => name === 'NotFoundError')).toHaveLength(13);
  });

  it('refuses more than 100, and deletes none then', async () => {
    const { contentHash } = await graph.store(picture(0));
    const hashes = [...Array(100).keys()].map((n) => n.toString(16).padStart(64, '0'));
    expect(await run([...hashes, contentHash])).toEqual({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'contentHashes'], message: 'must have at most 100 items, not 101.' }],
      message: 'input.contentHashes: must have at most 100 items, not 101.',
    });
    expect(graph.imgcache.calls).toEqual([]);
    expect(namesOf((await run([...hashes.slice(1), contentHash])).results)).toEqual([
      ...Array(99).fill('NotFoundError'),
      'DeleteEntrySuccess',
    ]);
  });

  it('is seen by what is read after it', async () => {
    const { contentHash } = await graph.store(picture(0));
    const { data } = await graph.graphql(
      /* GraphQL */ `
        mutation ($hashes: [ContentHash!]!, $hash: ContentHash!) {
          deleteEntries(input: { contentHashes: $hashes }) { __typename }
          again: deleteEntry(input: { contentHash: $hash }) { __typename }
        }
      `,
      { hashes: [contentHash], hash: contentHash },
    );
    expect(data).toEqual({
      deleteEntries: { __typename: 'DeleteEntriesSuccess' },
      again: { __typename: 'NotFoundError' },
    });
  });
});

describe('deleteImages', () => {
  const run = async (images: { collectionId: string; imageId: string }[]) => {
    const { data } = await graph.graphql(DELETE_IMAGES, { input: { images } });
    return data.deleteImages;
  };

  it('deletes from several collections, and each has its result in order', async () => {
    const [a, b] = [await graph.createCollection(), await graph.createCollection()];
    for (const collectionId of [a, b]) await graph.add(collectionId, picture(0), { imageId: 'one' });
    const { results } = await run([
      { collectionId: b, imageId: 'one' },
      { collectionId: 'none', imageId: 'one' },
      { collectionId: a, imageId: 'none' },
      { collectionId: a, imageId: 'one' },
      { collectionId: b, imageId: 'one' },
    ]);
    const deleted = {
      __typename: 'DeleteImageSuccess',
      imageId: 'one',
      imageTime: expect.stringContaining('T'),
    };
    expect(results).toEqual([
      deleted,
      { __typename: 'NotFoundError', message: 'There is no image one in none.' },
      { __typename: 'NotFoundError', message: `There is no image none in ${a}.` },
      deleted,
      results[0],
    ]);
  });

  it('names the image that has no possible id, and deletes none', async () => {
    const collectionId = await graph.createCollection();
    await graph.add(collectionId, picture(0), { imageId: 'one' });
    const result = await run([
      { collectionId, imageId: 'one' },
      { collectionId, imageId: '' },
    ]);
    expect(result).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'images', '1', 'imageId'], message: expect.any(String) }],
    });
    expect(graph.visualsnoop.calls.filter(([method]) => method === 'deleteImage')).toEqual([]);
    const many = Array.from({ length: 101 }, (_, n) => ({ collectionId, imageId: `${n}` }));
    expect(await run(many)).toMatchObject({
      issues: [{ path: ['input', 'images'], message: 'must have at most 100 items, not 101.' }],
    });
  });
});

describe('addEntriesToCollection', () => {
  const run = async (collectionId: string, contentHashes: string[]) => {
    const { data } = await graph.graphql(ADD_ENTRIES, { input: { collectionId, contentHashes } });
    return data.addEntriesToCollection;
  };

  it('adds each under its content hash, once, and leaves what is there with its time', async () => {
    const collectionId = await graph.createCollection();
    const [a, b] = (await storeSome(2)).map(({ contentHash }) => contentHash) as [string, string];
    const { results } = await run(collectionId, [a, absent, b, a]);
    const added = (contentHash: string) => ({
      __typename: 'AddImageSuccess',
      status: 'ADDED',
      image: { imageId: contentHash, imageTime: expect.stringContaining('T'), entry: { contentHash } },
    });
    expect(results).toEqual([
      added(a),
      { __typename: 'NotFoundError', message: `There is no entry ${absent}.` },
      added(b),
      results[0],
    ]);
    const again = await run(collectionId, [a, b]);
    expect(again.results).toEqual([
      { ...results[0], status: 'UNCHANGED' },
      { ...results[2], status: 'UNCHANGED' },
    ]);
  });

  it('is refused as a whole where there is no such collection, or too many entries', async () => {
    const { contentHash } = await graph.store(picture(0));
    expect(await run('none', [contentHash])).toEqual({
      __typename: 'NotFoundError',
      message: 'There is no collection none.',
    });
    expect(await run('none', Array(101).fill(contentHash))).toMatchObject({
      issues: [{ path: ['input', 'contentHashes'], message: 'must have at most 100 items, not 101.' }],
    });
    expect(graph.imgcache.calls).toEqual([]);
  });

  it('refuses an entry that is no picture, and adds the others', async () => {
    const collectionId = await graph.createCollection();
    const text = await graph.store(Buffer.from('text'));
    const { contentHash } = await graph.store(picture(0));
    const { results } = await run(collectionId, [text.contentHash, contentHash]);
    expect(namesOf(results)).toEqual(['InvalidImageError', 'AddImageSuccess']);
  });

  it('refuses an entry that is larger than an upload may be', async () => {
    const collectionId = await graph.createCollection();
    const { contentHash } = await graph.store(Buffer.concat([picture(0), Buffer.alloc(100_000)]));
    const { results } = await run(collectionId, [contentHash]);
    expect(results).toEqual([
      { __typename: 'UploadTooLargeError', maxBytes: 100_000, message: expect.any(String) },
    ]);
  });

  it('says which service failed, entry by entry', async () => {
    const collectionId = await graph.createCollection();
    const { contentHash } = await graph.store(picture(0));
    graph.imgcache.failures.set('getBytes', unavailable('IMGCACHE'));
    expect((await run(collectionId, [contentHash])).results).toMatchObject([{ service: 'IMGCACHE' }]);
    graph.imgcache.failures.clear();
    graph.visualsnoop.failures.set('addImage', unavailable('VISUALSNOOP'));
    expect((await run(collectionId, [contentHash, absent])).results).toMatchObject([
      { service: 'VISUALSNOOP', code: 'UNAVAILABLE' },
      { __typename: 'NotFoundError' },
    ]);
  });

  it('sends a remote VisualSnoop the bytes once', async () => {
    const memory = new MemoryVisualSnoop();
    const created = await memory.createCollection({ name: 'test' });
    const server = await new VisualSnoopWireServer(memory, memory).listen();
    const client = createVisualSnoopClient({ baseUrl: server.baseUrl, keys: [created], timeoutMs: 5000 });
    await graph.close();
    graph = await startGraph({ visualsnoop: client });
    const { collectionId } = created.collection;
    const hashes = (await storeSome(3)).map(({ contentHash }) => contentHash);
    const adds = vi.spyOn(memory, 'addImage');
    expect((await run(collectionId, hashes)).results.map(({ status }: { status: string }) => status)).toEqual(
      ['ADDED', 'ADDED', 'ADDED'],
    );
    const again = await run(collectionId, hashes);
    expect(again.results.map(({ status }: { status: string }) => status)).toEqual(Array(3).fill('UNCHANGED'));
    expect(adds).toHaveBeenCalledTimes(3);
    await client.close();
    await server.close();
  });
});
