import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const nested = (first: number, then: number) =>
  `{ entries(first: ${first}) { nodes { similar(first: ${then}) { entry { similar(first: ${then}) { entry { url } } } } } } }`;

const entry =
  'id contentHash url urls contentType fileSizeBytes originalFilename width height perceptualHash clientName lookupTime createdAt fileUrl';

describe('what a query may cost', () => {
  it('is enough for a page of 50 with two nested levels of 20', async () => {
    const store = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
    for (const name of ['photos/03-fig.jpg', 'derived/fig-q30.jpg']) {
      const image = { base64: picture(name).toString('base64') };
      await gateway.graphql(store, { input: { url: name, clientName: 'c', image } });
    }
    const { data, errors, extensions } = await gateway.graphql(nested(50, 20));
    expect(errors).toBeUndefined();
    expect(data.entries.nodes[0].similar[0].entry.similar[0].entry.url).toMatch(/fig/);
    expect(extensions).toEqual({ cost: 46_256 });
  });

  it('is enough for it with all that is known of each entry', async () => {
    const matches = (more: string) => `similar(first: 20) { hammingDistance entry { ${entry} ${more} } }`;
    const { errors, extensions } = await gateway.graphql(
      `{ entries(first: 50) { nodes { ${entry} ${matches(matches(''))} } } }`,
    );
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toBeGreaterThan(300_000);
  });

  it('is less than 100 × 100 × 100', async () => {
    const { data, errors } = await gateway.graphql(nested(100, 100));
    expect(data).toBeUndefined();
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'COST_LIMIT_EXCEEDED', cost: 2_060_506, limit: 500_000 },
    ]);
  });

  it('counts variables in every request', async () => {
    const query = `query ($n: Int! = 1) { entries(first: $n) { nodes { similar(first: $n) { entry { similar(first: $n) { entry { url } } } } } } }`;
    const costs = [];
    for (const variables of [{}, { n: 10 }, { n: 100 }, { n: 10 }]) {
      const { extensions, errors } = await gateway.graphql(query, variables);
      costs.push(extensions?.cost ?? errors?.[0]?.extensions.code);
    }
    expect(costs).toEqual([19, 2656, 'COST_LIMIT_EXCEEDED', 2656]);
  });

  it('is a setting', async () => {
    const small = await startGateway({ maxCost: 20 });
    const [within, beyond] = await Promise.all(
      [7, 8].map((first) => small.graphql(`{ entries(first: ${first}) { nodes { url fileUrl } } }`)),
    );
    await small.close();
    expect(within).toMatchObject({ data: {}, extensions: { cost: 20 } });
    expect(beyond).toMatchObject({ errors: [{ extensions: { cost: 22, limit: 20 } }] });
  });
});

describe('what a document may be', () => {
  const repeat = (count: number, part: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => part(n)).join(' ');

  const cases: [what: string, query: string, code: string][] = [
    [
      'a depth of 50',
      `{ entries { nodes ${'{ similar { entry '.repeat(24)} { url } ${'} }'.repeat(24)} } }`,
      'DEPTH_LIMIT_EXCEEDED',
    ],
    ['1000 aliases', `{ ${repeat(1000, (n) => `a${n}:__typename`)} }`, 'ALIAS_LIMIT_EXCEEDED'],
    ['10 000 tokens', `{ ${'__typename '.repeat(9_998)} }`, 'PAYLOAD_TOO_LARGE'],
    ['10 000 short tokens', `{ ${'a '.repeat(9_998)} }`, 'TOKEN_LIMIT_EXCEEDED'],
    ['1 MB', `{ __typename } #${'x'.repeat(1_000_000)}`, 'PAYLOAD_TOO_LARGE'],
  ];
  for (const [what, query, code] of cases) {
    it(`is not ${what}`, async () => {
      const { data, errors } = await gateway.graphql(query);
      expect([data, errors?.map(({ extensions }) => extensions.code)]).toEqual([undefined, [code]]);
    });
  }

  it('is 20 aliases', async () => {
    const query = `{ ${repeat(20, (n) => `a${n}: entryByUrl(url: "${n}") { url }`)} }`;
    expect(await gateway.graphql(query)).toMatchObject({ status: 200, extensions: { cost: 120 } });
  });

  it('is what GraphiQL asks for the schema with', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true });
    const { data, extensions } = await gateway.graphql(query);
    expect(data.__schema.queryType.name).toBe('Query');
    expect(extensions).toEqual({ cost: 0 });
  });

  for (const [length, status, code] of [
    [0, 400, 'BAD_REQUEST'],
    [11, 413, 'BATCH_LIMIT_EXCEEDED'],
    [1000, 413, 'BATCH_LIMIT_EXCEEDED'],
  ] as const) {
    it(`is not a batch of ${length}`, async () => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(Array(length).fill({ query: '{ __typename }' })),
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
    });
  }
});

it('shows nothing of the schema when introspection is off', async () => {
  const closed = await startGateway({ introspection: false });
  const refused = await closed.graphql(getIntrospectionQuery());
  const misspelt = await closed.graphql('{ entrys { __typename } }');
  const variable = await closed.graphql('query ($to: SimilarToInput!) { similar(to: $to) { __typename } }', {
    to: { contentHsh: 'x' },
  });
  await closed.close();
  expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['INTROSPECTION_DISABLED']);
  for (const { errors } of [misspelt, variable]) {
    expect(errors?.[0]?.message).toMatch(/"entrys"|"contentHsh"/);
    expect(errors?.[0]?.message).not.toContain('Did you mean');
  }
});

it('runs only trusted documents when there are some, within the same limits', async () => {
  const trustedDocuments = new Map([
    ['small', '{ entries(first: 1) { nodes { url } } }'],
    ['large', nested(100, 100)],
  ]);
  const closed = await startGateway({ trustedDocuments });
  const ask = async (params: object) => {
    const response = await fetch(`${closed.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const answers = await Promise.all(
    [{ documentId: 'small' }, { documentId: 'large' }, { query: '{ __typename }' }].map(ask),
  );
  await closed.close();
  expect(answers).toMatchObject([
    { status: 200, data: { entries: { nodes: [] } } },
    { status: 200, errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED' } }] },
    { status: 403, errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] },
  ]);
});
