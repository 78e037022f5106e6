import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { BAD_DOCUMENT, createAsk } from './ask.js';

const typeDefs =
  'type Query { item: Item } type Item { id: ID!  name: String  left: Item  right: Item  many(ids: [ID!]): String }';
const resolvers = { Query: { item: () => ({ id: '1' }) } };
const ask = createAsk({ typeDefs, resolvers });

const repeat = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ');
const nested = (depth: number) => `{ item ${'{ left '.repeat(depth - 2)} { id } ${'} '.repeat(depth - 2)} }`;
const many = (ids: string) => `{ item { many(ids: ${ids}) } }`;
/** Doubles with every level, though its text grows by one line. */
const doubling = (levels: number) =>
  `{ item { ...F0 } } ${repeat(levels, (n) => `fragment F${n} on Item { left { ...F${n + 1} } right { ...F${n + 1} } }`)} fragment F${levels} on Item { id }`;

describe('a document', () => {
  const refused: [what: string, query: string, code: string, limit: number][] = [
    ['of 4001 tokens', `{ item { ${'id '.repeat(3996)} } }`, 'TOKEN_LIMIT_EXCEEDED', 4000],
    [
      'of many tokens in one list',
      `{ item { many(ids: [${'1 '.repeat(5000)}]) } }`,
      'TOKEN_LIMIT_EXCEEDED',
      4000,
    ],
    [
      'of many directives',
      `{ item { id ${'@skip(if: false) '.repeat(2000)} } }`,
      'TOKEN_LIMIT_EXCEEDED',
      4000,
    ],
    [
      'of an argument nested 101 deep',
      `{ item { many(ids: ${'['.repeat(98)} }`,
      'NESTING_LIMIT_EXCEEDED',
      100,
    ],
    ['of lists that would end the stack', many('['.repeat(3000)), 'NESTING_LIMIT_EXCEEDED', 100],
    ['of objects that would end the stack', many('{a:'.repeat(1300)), 'NESTING_LIMIT_EXCEEDED', 100],
    ['of selections that would end the stack', '{a'.repeat(2500), 'NESTING_LIMIT_EXCEEDED', 100],
    [
      'of a type that would end the stack',
      `query ($a: ${'['.repeat(3000)}) { item }`,
      'NESTING_LIMIT_EXCEEDED',
      100,
    ],
    ['21 deep', nested(21), 'DEPTH_LIMIT_EXCEEDED', 20],
    [
      '21 deep through fragments',
      `{ item { ...F0 } } ${repeat(18, (n) => `fragment F${n} on Item { left { ...F${n + 1} } }`)} fragment F18 on Item { left { id } }`,
      'DEPTH_LIMIT_EXCEEDED',
      20,
    ],
    ['of 101 aliases', `{ ${repeat(101, (n) => `a${n}: item { id }`)} }`, 'ALIAS_LIMIT_EXCEEDED', 100],
    [
      'of 120 aliases through a fragment',
      `{ ${repeat(10, (n) => `a${n}: item { ...F }`)} } fragment F on Item { ${repeat(11, (n) => `b${n}: id`)} }`,
      'ALIAS_LIMIT_EXCEEDED',
      100,
    ],
    ['that doubles 9 times', doubling(9), 'FIELD_LIMIT_EXCEEDED', 1000],
    [
      'in which one of two operations is too deep',
      `query A { item { id } } query B ${nested(21)}`,
      'DEPTH_LIMIT_EXCEEDED',
      20,
    ],
  ];
  for (const [what, query, code, limit] of refused) {
    it(`${what} is refused with a code, again when it comes again`, async () => {
      for (let n = 0; n < 2; n++) {
        const { data, errors } = await ask({ query, operationName: 'A' });
        expect([data, errors]).toEqual([
          undefined,
          [expect.objectContaining({ extensions: { code, limit, http: BAD_DOCUMENT } })],
        ]);
      }
    });
  }

  const accepted: [what: string, query: string][] = [
    ['of 4000 tokens', `{ item { many(ids: [${'1 '.repeat(3988)}]) } }`],
    ['20 deep', nested(20)],
    [
      'with many brackets beside each other and in texts',
      `{ item { ${'left { id } '.repeat(200)} many(ids: ["${'['.repeat(200)}"]) } }`,
    ],
    ['of 100 aliases', `{ ${repeat(100, (n) => `a${n}: item { id }`)} }`],
    ['that doubles 8 times', doubling(8)],
  ];
  for (const [what, query] of accepted) {
    it(`${what} runs`, async () => {
      expect(await ask({ query })).toMatchObject({ data: expect.anything() });
    });
  }

  it('that GraphiQL asks for the schema with runs', async () => {
    const query = getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    expect(await ask({ query })).toMatchObject({ data: { __schema: expect.anything() } });
  });

  it('with a fragment within itself is refused by validation', async () => {
    const query =
      '{ item { ...A } } fragment A on Item { left { ...B } } fragment B on Item { right { ...A } }';
    const { errors } = await ask({ query });
    expect(errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', http: BAD_DOCUMENT });
  });

  it('of broken syntax is refused by the parser', async () => {
    const { errors } = await ask({ query: '{ item { id }' });
    expect(errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_PARSE_FAILED', http: BAD_DOCUMENT });
  });

  it('of 100000 bytes runs, and a longer one is refused with a code, again when it comes again', async () => {
    const longest = `{ item { id } } #${'é'.repeat(49_991)}x`;
    expect(Buffer.byteLength(longest)).toBe(100_000);
    expect(await ask({ query: longest })).toMatchObject({ data: { item: { id: '1' } } });
    for (const query of [`${longest}x`, `{ item { id } } #${'x'.repeat(200_000)}`])
      for (let n = 0; n < 2; n++)
        expect(await ask({ query })).toEqual({
          errors: [
            {
              message: 'The query is longer than 100000 bytes.',
              extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } },
            },
          ],
        });
  });
});
