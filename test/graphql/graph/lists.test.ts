import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '#src/graphql/schema/cursor.js';
import type { Entry } from '#src/services/entry.js';
import { compareEntries, type EntryOrder } from '#src/services/entry-order.js';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

let graph: TestGraph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(async () => {
  await graph.close();
  expect(graph.reported).toEqual([]);
});

const ORDERS: readonly EntryOrder[] = ['NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST'];

/** Of three sizes. */
const picture = (n: number) => tinyPicture('0'.repeat(16), 'x'.repeat(n % 3) + String(n).padStart(3, '0'));

async function storeEntries(count: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let n = 0; n < count; n++)
    entries.push(await graph.store(picture(n), `https://h${n % 4}.example/${n}`));
  return entries;
}

const PAGE = /* GraphQL */ `
  query ($filter: EntryFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: EntryOrder!) {
    entries(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
      nodes { contentHash }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

async function page(variables: object) {
  const { data, errors } = await graph.graphql(PAGE, { orderBy: 'NEWEST_FIRST', ...variables });
  expect(errors).toBeUndefined();
  return data.entries;
}

const hashesOf = (nodes: readonly { contentHash: string }[]) => nodes.map(({ contentHash }) => contentHash);

async function refusal(query: string, variables?: object): Promise<string> {
  const { errors } = await graph.graphql(query, variables);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  return errors![0]!.message;
}

describe('the list of entries', () => {
  it('is the same walked forwards, walked backwards, and sorted', async () => {
    const entries = await storeEntries(17);
    for (const orderBy of ORDERS) {
      const sorted = hashesOf(entries.toSorted((a, b) => compareEntries(orderBy, a, b)));
      for (const size of [1, 4, 17, 20]) {
        const forwards: string[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const { nodes, pageInfo } = await page({ orderBy, first: size, after });
          expect(pageInfo.hasPreviousPage).toBe(after !== null);
          forwards.push(...hashesOf(nodes));
          more = pageInfo.hasNextPage;
          after = pageInfo.endCursor;
        }
        expect(forwards).toEqual(sorted);
        const backwards: string[] = [];
        for (let before: string | null = null, more = true; more; ) {
          const { nodes, pageInfo } = await page({ orderBy, last: size, before });
          expect(pageInfo.hasNextPage).toBe(before !== null);
          backwards.unshift(...hashesOf(nodes));
          more = pageInfo.hasPreviousPage;
          before = pageInfo.startCursor;
        }
        expect(backwards).toEqual(sorted);
      }
    }
  });

  it('is cut by cursors on both sides, whose entries may be gone', async () => {
    const entries = await storeEntries(12);
    const all = await page({ orderBy: 'LARGEST_FIRST', first: 100 });
    const sorted = hashesOf(entries.toSorted((a, b) => compareEntries('LARGEST_FIRST', a, b)));
    const cursors = all.edges.map(({ cursor }: { cursor: string }) => cursor);
    for (const gone of [2, 9]) await graph.imgcache.service.delete(sorted[gone]!);
    const bounds = { orderBy: 'LARGEST_FIRST', after: cursors[2], before: cursors[9] };
    const first = await page({ ...bounds, first: 4 });
    expect(hashesOf(first.nodes)).toEqual(sorted.slice(3, 7));
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const last = await page({ ...bounds, last: 4 });
    expect(hashesOf(last.nodes)).toEqual(sorted.slice(5, 9));
    expect(last.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const whole = await page({ ...bounds, first: 6 });
    expect(hashesOf(whole.nodes)).toEqual(sorted.slice(3, 9));
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it.each([
    ['after', { after: encodeCursor('LARGEST_FIRST', 5, '0'.repeat(64)) }, 'LARGEST_FIRST', 'NEWEST_FIRST'],
    [
      'before',
      { before: encodeCursor('OLDEST_FIRST', '2024-01-01T00:00:00.000000Z', '0'.repeat(64)) },
      'OLDEST_FIRST',
      'NEWEST_FIRST',
    ],
    [
      'after',
      { after: encodeCursor('2024-01-01T00:00:00.000000Z', '0'.repeat(64)), orderBy: 'SMALLEST_FIRST' },
      'NEWEST_FIRST',
      'SMALLEST_FIRST',
    ],
  ])('refuses a cursor of another order in %s', async (argument, variables, given, asked) => {
    expect(await refusal(PAGE, { orderBy: 'NEWEST_FIRST', ...variables })).toBe(
      `${argument} is a cursor of the order ${given}, and not of ${asked}: begin anew.`,
    );
  });

  it.each([
    encodeCursor('LARGEST_FIRST', '5', '0'.repeat(64)),
    encodeCursor('LARGEST_FIRST', -1, '0'.repeat(64)),
    encodeCursor('LARGEST_FIRST', 5),
    encodeCursor('toString', 5, '0'.repeat(64)),
    encodeCursor(),
    'x',
  ])('refuses %j, which is no cursor of it', async (before) => {
    const message = await refusal(PAGE, { orderBy: 'LARGEST_FIRST', before });
    expect(message).toBe('before must be a cursor of this list.');
  });

  it('takes cursors of the order that was the only one once', async () => {
    const [oldest, middle] = await storeEntries(3);
    const after = encodeCursor(middle!.createdAt, middle!.contentHash);
    expect(hashesOf((await page({ first: 5, after })).nodes)).toEqual([oldest!.contentHash]);
  });
});

describe('the length of a page', () => {
  const lengthOf = async (args: string, variables?: object, definitions = '') => {
    const { data, errors } = await graph.graphql(
      `query ${definitions} { entries(${args}) { nodes { contentHash } pageInfo { hasNextPage hasPreviousPage } } }`,
      variables,
    );
    expect(errors).toBeUndefined();
    return data.entries.nodes.length;
  };

  beforeEach(() => storeEntries(25));

  it.each([
    ['first: 3', 3],
    ['first: null', 20],
    ['last: 3', 3],
    ['first: null, last: 3', 3],
    ['first: 3, last: null', 3],
    ['first: null, last: null', 20],
  ])('of %s is %i', async (args, length) => {
    expect(await lengthOf(args)).toBe(length);
  });

  it.each([
    ['($n: Int!)', 'first: $n', { n: 4 }, 4],
    ['($n: Int! = 4)', 'first: $n', {}, 4],
    ['($n: Int)', 'first: $n', {}, 20],
    ['($n: Int)', 'first: $n', { n: null }, 20],
    ['($n: Int, $m: Int)', 'first: $n, last: $m', { m: 2 }, 2],
    ['($n: Int, $m: Int)', 'first: $n, last: $m', { n: null, m: 2 }, 2],
    ['($n: Int, $m: Int)', 'first: $n, last: $m', { n: 5 }, 5],
  ])('of %s with %s and %j is right', async (definitions, args, variables, length) => {
    expect(await lengthOf(args, variables, definitions)).toBe(length);
  });

  it.each([
    ['first: 20, last: 20', {}],
    ['first: $n, last: 3', { n: 20 }],
    ['first: $n, last: 200', { n: 20 }],
  ])('cannot be %s: both at once', async (args, variables) => {
    const query = `query ($n: Int) { entries(${args}) { nodes { contentHash } } collections(first: $n) { nodes { id } } }`;
    expect(await refusal(query, variables)).toBe('first and last exclude each other: give one of them.');
  });

  it.each([
    ['entries(last: 0)', 'last must be from 1 to 100, not 0.'],
    ['entries(last: 101)', 'last must be from 1 to 100, not 101.'],
    ['entries(first: 0)', 'first must be from 1 to 100, not 0.'],
    ['collections(last: -1)', 'last must be from 1 to 100, not -1.'],
  ])('cannot be %s', async (field, message) => {
    expect(await refusal(`{ ${field} { nodes { id } } }`)).toBe(message);
  });

  it('may be null where a list has no pages', async () => {
    const { errors } = await graph.graphql(/* GraphQL */ `
      {
        entries(first: 1) { nodes { similar(first: null) { hammingDistance } collectionImages(first: null) { id } } }
        clientNames(first: null) { name }
        similar(to: { perceptualHash: "0000000000000000" }, first: null) { perceptualHash }
      }
    `);
    expect(errors).toBeUndefined();
  });
});

describe('totalCount', () => {
  it('is of the whole list with its filter, and counted once', async () => {
    await storeEntries(9);
    const { data } = await graph.graphql(/* GraphQL */ `
      {
        all: entries(first: 2) { totalCount }
        again: entries(last: 1, orderBy: LARGEST_FIRST) { totalCount }
        some: entries(first: 1, filter: { urlHost: "H1.example" }) { totalCount }
        none: entries(filter: { clientNames: [] }) { totalCount nodes { id } }
        collections { totalCount }
      }
    `);
    expect(data).toEqual({
      all: { totalCount: 9 },
      again: { totalCount: 9 },
      some: { totalCount: 2 },
      none: { totalCount: 0, nodes: [] },
      collections: { totalCount: 0 },
    });
    expect(graph.imgcache.calls.filter(([method]) => method === 'count')).toHaveLength(3);
  });

  it('is not counted where it is not asked for', async () => {
    await graph.graphql('{ entries { nodes { id } pageInfo { hasNextPage } } collections { nodes { id } } }');
    const calls = [...graph.imgcache.calls, ...graph.visualsnoop.calls].map(([method]) => method);
    expect(calls.filter((method) => method.startsWith('count'))).toEqual([]);
  });

  it('alone is missing where counting fails', async () => {
    await storeEntries(1);
    graph.imgcache.failures.set('count', unavailable('IMGCACHE'));
    const { data, errors } = await graph.graphql('{ entries { totalCount nodes { url } } }');
    expect(data.entries).toEqual({ totalCount: null, nodes: [{ url: 'https://h0.example/0' }] });
    expect(errors).toMatchObject([
      { path: ['entries', 'totalCount'], extensions: { code: 'SERVICE_UNAVAILABLE' } },
    ]);
  });

  it('is null where the service cannot say', async () => {
    const id = await graph.createCollection();
    graph.visualsnoop.service.countImages = async () => null;
    const { data, errors } = await graph.graphql(
      'query ($id: String!) { collection(collectionId: $id) { images { totalCount } } }',
      { id },
    );
    expect([data.collection.images.totalCount, errors]).toEqual([null, undefined]);
  });
});

describe('the filter of entries', () => {
  it.each([
    ['contentTypes: ["image/*", "*/*"]', /^filter\.contentTypes must have MIME types/],
    ['contentTypes: ["*"]', /^filter\.contentTypes must have MIME types/],
    ['contentTypes: ["image/p*"]', /^filter\.contentTypes must have MIME types/],
    ['minWidth: -1', /^filter\.minWidth must be 0 or more, not -1\.$/],
    ['minHeight: -1', /^filter\.minHeight must be 0 or more, not -1\.$/],
    ['urlHost: ""', /^filter\.urlHost must be a host/],
    ['urlHost: "a.example:80"', /^filter\.urlHost must be a host/],
    ['urlHost: "https://a.example"', /^filter\.urlHost must be a host/],
    ['urlHost: "a.example/b"', /^filter\.urlHost must be a host/],
    ['urlHost: "a\\u0000b"', /^filter\.urlHost must not have NUL/],
    ['clientNames: ["a\\u0000"]', /^filter\.clientNames must not have NUL/],
  ])('refuses %s', async (filter, message) => {
    expect(await refusal(`{ entries(filter: { ${filter} }) { totalCount } }`)).toMatch(message);
  });

  it('refuses more than 100 names', async () => {
    const names = Array.from({ length: 101 }, (_, i) => `client ${i}`);
    const query = 'query ($names: [String!]) { entries(filter: { clientNames: $names }) { totalCount } }';
    expect(await refusal(query, { names })).toBe('filter.clientNames must have at most 100 items, not 101.');
  });

  it('takes every condition as null, which is none', async () => {
    await storeEntries(2);
    const names = ['urlContains', 'urlHost', 'clientName', 'clientNames', 'contentType', 'contentTypes'];
    const more = ['createdFrom', 'createdBefore', 'minWidth', 'minHeight', 'hasPerceptualHash'];
    const filter = Object.fromEntries([...names, ...more].map((name) => [name, null]));
    expect((await page({ filter, first: 5 })).nodes).toHaveLength(2);
  });
});

describe('clientNames', () => {
  it('are by number of entries, then by name', async () => {
    for (const [n, clientName] of ['bob', 'alice', 'bob', 'albert'].entries()) {
      const input = {
        image: { base64: picture(n).toString('base64') },
        url: `https://x.example/${n}`,
        clientName,
      };
      await graph.graphql(
        'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }',
        {
          input,
        },
      );
    }
    const { data } = await graph.graphql(
      '{ all: clientNames { name entryCount } two: clientNames(first: 2) { name } some: clientNames(startsWith: "al") { name } }',
    );
    expect(data).toEqual({
      all: [
        { name: 'bob', entryCount: 2 },
        { name: 'albert', entryCount: 1 },
        { name: 'alice', entryCount: 1 },
      ],
      two: [{ name: 'bob' }, { name: 'albert' }],
      some: [{ name: 'albert' }, { name: 'alice' }],
    });
  });
});

describe('the images of a collection', () => {
  it('are walked in both orders and directions, with any filter', async () => {
    const id = await graph.createCollection();
    const names = Array.from({ length: 9 }, (_, n) => `${n % 2 === 0 ? 'Even' : 'odd'} ${n}`);
    for (const [n, imageId] of names.entries()) await graph.add(id, picture(n), { imageId });
    const IMAGES = /* GraphQL */ `
      query ($id: String!, $orderBy: ImageOrder!, $filter: ImageFilter, $first: Int, $after: String, $last: Int, $before: String) {
        collection(collectionId: $id) {
          images(orderBy: $orderBy, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
            totalCount
            nodes { imageId }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
      }
    `;
    const walk = async (orderBy: string, filter: object | null, backwards: boolean) => {
      const walked: string[] = [];
      let cursor: string | null = null;
      for (;;) {
        const part = backwards ? { last: 2, before: cursor } : { first: 2, after: cursor };
        const { data, errors } = await graph.graphql(IMAGES, { id, orderBy, filter, ...part });
        expect(errors).toBeUndefined();
        const { nodes, pageInfo, totalCount } = data.collection.images;
        expect(totalCount).toBe(filter ? 5 : 9);
        const ids = nodes.map(({ imageId }: { imageId: string }) => imageId);
        if (backwards) walked.unshift(...ids);
        else walked.push(...ids);
        if (!(backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return walked;
        cursor = backwards ? pageInfo.startCursor : pageInfo.endCursor;
      }
    };
    for (const backwards of [false, true]) {
      for (const filter of [null, { imageIdContains: 'eVEN' }]) {
        const expected = names.filter((name) => !filter || name.startsWith('Even'));
        expect(await walk('OLDEST_FIRST', filter, backwards)).toEqual(expected);
        expect(await walk('NEWEST_FIRST', filter, backwards)).toEqual(expected.toReversed());
      }
    }
  });
});

describe('hashes', () => {
  it('are taken in upper case, and given in lower case', async () => {
    const { contentHash } = await graph.store(tinyPicture('0123456789abcdef'));
    const upper = contentHash.toUpperCase();
    const { data } = await graph.graphql(
      /* GraphQL */ `
        query ($hash: ContentHash!) {
          byVariable: entry(contentHash: $hash) { contentHash }
          byLiteral: entry(contentHash: "${upper}") { contentHash }
          several: entriesByContentHash(contentHashes: [$hash]) { contentHash }
          similar(to: { perceptualHash: "0123456789ABCDEF" }) { perceptualHash entries { entry { contentHash } } }
        }
      `,
      { hash: upper },
    );
    expect(data).toEqual({
      byVariable: { contentHash },
      byLiteral: { contentHash },
      several: [{ contentHash }],
      similar: { perceptualHash: '0123456789abcdef', entries: [{ entry: { contentHash } }] },
    });
  });
});

describe('what a query names and is not there', () => {
  const notFound = async (query: string) => {
    const { errors } = await graph.graphql(query);
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    return errors![0]!.message;
  };

  it('is an entry', async () => {
    const hash = 'a'.repeat(64);
    expect(await notFound(`{ similar(to: { contentHash: "${hash}" }) { perceptualHash } }`)).toBe(
      `There is no entry ${hash}.`,
    );
  });

  it('is one of several collections', async () => {
    const id = await graph.createCollection();
    await graph.store(picture(1));
    expect(
      await notFound(`{ entries { nodes { collectionImages(collectionIds: ["${id}", "none"]) { id } } } }`),
    ).toBe('There is no collection none.');
  });
});

it('the URLs of entries are counted as they are listed', async () => {
  await graph.store(picture(1), 'https://x.example/1');
  await graph.store(picture(1), 'https://x.example/2');
  await graph.store(picture(2), 'https://x.example/3');
  const { data } = await graph.graphql('{ entries(orderBy: OLDEST_FIRST) { nodes { urlCount urls } } }');
  expect(data.entries.nodes).toEqual([
    { urlCount: 2, urls: ['https://x.example/1', 'https://x.example/2'] },
    { urlCount: 1, urls: ['https://x.example/3'] },
  ]);
});
