import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

let graph: TestGraph;

beforeAll(async () => {
  graph = await startGraph();
});

afterAll(() => graph.close());

describe('null for the one that @oneOf asks for', () => {
  it.each([
    'query ($value: PerceptualHash) { similar(to: { perceptualHash: $value }) { perceptualHash } }',
    'query ($value: ContentHash) { similar(to: { contentHash: $value }) { perceptualHash } }',
    'query ($value: ImageKeyInput) { similar(to: { member: $value }) { perceptualHash } }',
    'query ($value: ImageInput) { similar(to: { image: $value }) { perceptualHash } }',
  ])('in a variable is BAD_USER_INPUT and named: %s', async (query) => {
    for (const variables of [{ value: null }, {}]) {
      const { data, errors } = await graph.graphql(query, variables);
      expect(data).toEqual({ similar: null });
      expect(errors).toMatchObject([{ path: ['similar'], extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(errors![0]!.message).toMatch(/\bto\b/);
    }
    expect(graph.reported).toEqual([]);
  });

  it.each([
    ['storeEntry', 'base64: $value', 'url: "https://x.example/", clientName: "test"', 'String'],
    ['storeEntry', 'upload: $value', 'url: "https://x.example/", clientName: "test"', 'Upload'],
    ['addImage', 'base64: $value', 'collectionId: "a"', 'String'],
    ['addImage', 'upload: $value', 'collectionId: "a"', 'Upload'],
  ])(
    'in a variable of a mutation is BAD_USER_INPUT too, and nothing is stored: %s, %s',
    async (field, image, others, type) => {
      const input = `{ ${others}, image: { ${image} } }`;
      const { errors } = await graph.graphql(
        `mutation ($value: ${type}) { ${field}(input: ${input}) { __typename } }`,
        { value: null },
      );
      expect(errors).toMatchObject([{ path: [field], extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(errors![0]!.message).toContain('Argument "input"');
      expect(graph.reported).toEqual([]);
    },
  );
});

describe('a null item', () => {
  it.each([
    ['nodes', 'ids: [null]', '{ id }'],
    ['nodes', 'ids: ["a", null]', '{ id }'],
    ['entriesByUrl', 'urls: [null]', '{ id }'],
    ['entriesByContentHash', 'contentHashes: [null]', '{ id }'],
    ['similar', 'to: { perceptualHash: "0000000000000000" }, collectionIds: [null]', '{ perceptualHash }'],
  ])('in a literal is BAD_USER_INPUT and named: %s(%s)', async (field, args, selection) => {
    const { data, errors } = await graph.graphql(`{ ${field}(${args}) ${selection} }`);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors![0]!.message).toContain(/(\w+): \[/.exec(args)![1]);
  });

  it.each([
    ['ids', '[ID!]!', 'nodes(ids: $ids) { id }'],
    ['urls', '[String!]!', 'entriesByUrl(urls: $urls) { id }'],
    ['contentHashes', '[ContentHash!]!', 'entriesByContentHash(contentHashes: $contentHashes) { id }'],
    [
      'collectionIds',
      '[String!]',
      'similar(to: { perceptualHash: "0000000000000000" }, collectionIds: $collectionIds) { perceptualHash }',
    ],
  ])('in a variable is BAD_USER_INPUT and named: %s', async (name, type, field) => {
    const { data, errors } = await graph.graphql(`query ($${name}: ${type}) { ${field} }`, {
      [name]: [null],
    });
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors![0]!.message).toContain(`"${name}[0]"`);
  });
});

describe('a long id that nothing has', () => {
  it.each([
    'mutation ($id: String!) { deleteImage(input: { collectionId: $id, imageId: "a" }) { ... on Error { message } } }',
    'mutation ($id: String!) { addImage(input: { collectionId: $id, image: { base64: "PICTURE" } }) { ... on Error { message } } }',
    'mutation ($id: String!) { ingestImage(input: { collectionId: $id, url: "u", clientName: "c", image: { base64: "PICTURE" } }) { ... on Error { message } } }',
    'query ($id: String!) { similar(to: { member: { collectionId: $id, imageId: "a" } }) { perceptualHash } }',
  ])('is repeated in part: %s', async (query) => {
    const picture = tinyPicture('0123456789abcdef').toString('base64');
    const id = `${'é'.repeat(198)}\u{1f600}${'x'.repeat(5_000)}`;
    const { data, errors } = await graph.graphql(query.replace('PICTURE', picture), { id });
    const [message] = [...(errors ?? []), ...Object.values<{ message: string }>(data)].map(
      (error) => error?.message,
    );
    expect(message!.length).toBeLessThanOrEqual(200);
    expect(message).toMatch(/^There is no (?:image a in|collection) é+…x+\.$/);
  });
});
