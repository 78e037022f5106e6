import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../harness/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe('GraphQL over HTTP', () => {
  for (const audit of serverAudits({ url: () => `${gateway.url}/graphql` })) {
    it(audit.name, async () => {
      expect(await audit.fn()).toMatchObject({ status: 'ok' });
    });
  }
});

describe('the status of a refused operation', () => {
  const deep = `{ ${'a { '.repeat(50)} b ${'} '.repeat(50)} }`;
  const costly =
    '{ entries(first: 100) { nodes { similar(first: 100) { entry { similar(first: 100) { entry { url } } } } } } }';
  const cases: [what: string, query: string, ofJson: number, ofGraphQLResponse: number, code: string][] = [
    ['of broken syntax', '{', 200, 400, 'GRAPHQL_PARSE_FAILED'],
    ['that is not valid', '{ nothing }', 200, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['that is too deep', deep, 200, 400, 'DEPTH_LIMIT_EXCEEDED'],
    ['that costs too much', costly, 200, 400, 'COST_LIMIT_EXCEEDED'],
    ['of a kind that there is not', 'subscription { nothing }', 200, 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'whose variables cannot be read',
      'query ($n: Int!) { collections(first: $n) { nodes { name } } }',
      200,
      400,
      'BAD_USER_INPUT',
    ],
    ['that is none', 'fragment F on Query { __typename }', 400, 400, 'OPERATION_RESOLUTION_FAILURE'],
  ];
  const refused = (status: number, mediaType: string, code: string) => ({
    status,
    type: `${mediaType}; charset=utf-8`,
    codes: [code],
  });

  async function send(method: 'GET' | 'POST', query: string, accept: string) {
    const address = `${gateway.url}/graphql`;
    const headers = { accept, 'content-type': 'application/json' };
    const response = await (method === 'POST'
      ? fetch(address, { method, headers, body: JSON.stringify({ query }) })
      : fetch(`${address}?query=${encodeURIComponent(query)}`, { headers }));
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    const answer = {
      status: response.status,
      type: response.headers.get('content-type'),
      codes: errors.map(({ extensions }) => extensions.code),
    };
    return { answer, allow: response.headers.get('allow'), errors };
  }

  it.each(cases)('depends on the media type for one %s', async (_what, query, ofJson, ofResponse, code) => {
    for (const method of ['GET', 'POST'] as const)
      for (const [mediaType, status] of [
        ['application/json', ofJson],
        ['application/graphql-response+json', ofResponse],
      ] as const)
        expect((await send(method, query, mediaType)).answer).toEqual(refused(status, mediaType, code));
  });

  it('is 405 for a mutation by GET, valid or not, and says what is allowed', async () => {
    for (const query of ['mutation { __typename }', 'mutation { nothing }'])
      for (const mediaType of ['application/json', 'application/graphql-response+json']) {
        const { answer, allow } = await send('GET', query, mediaType);
        expect([answer, allow]).toEqual([refused(405, mediaType, 'BAD_REQUEST'), 'POST']);
      }
  });

  it('is 400 for parameters of an address that are no JSON, or of another type', async () => {
    for (const [name, value] of [
      ['variables', '{bad'],
      ['variables', '[]'],
      ['variables', '"x"'],
      ['extensions', '{bad'],
      ['extensions', '5'],
    ] as const) {
      const address = `${gateway.url}/graphql?query=%7B__typename%7D&${name}=${encodeURIComponent(value)}`;
      const response = await fetch(address, { headers: { accept: 'application/json' } });
      const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
      expect([name, value, response.status]).toEqual([name, value, 400]);
      expect(errors).toEqual([
        { message: expect.stringContaining(name), extensions: { code: 'BAD_REQUEST' } },
      ]);
    }
    expect(gateway.reported).toEqual([]);
  });

  it('is 413 for a query that is too long, in any media type', async () => {
    for (const mediaType of ['application/json', 'application/graphql-response+json']) {
      const { answer, errors } = await send('POST', `{ __typename } #${'x'.repeat(200_000)}`, mediaType);
      expect(answer).toEqual(refused(413, mediaType, 'PAYLOAD_TOO_LARGE'));
      expect(errors).toEqual([
        { message: 'The query is longer than 100000 bytes.', extensions: { code: 'PAYLOAD_TOO_LARGE' } },
      ]);
    }
  });
});
