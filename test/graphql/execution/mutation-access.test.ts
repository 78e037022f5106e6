import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Identity } from '#src/access/identity.js';
import { fragmentsOf, selectedFields } from '#src/graphql/execution/fragments.js';
import { createAsk } from './ask.js';

const called: string[] = [];
const call = (_root: unknown, _args: unknown, _context: unknown, { fieldName }: { fieldName: string }) => {
  called.push(fieldName);
  return true;
};
const fields = [
  'storeEntry',
  'addImage',
  'deleteImage',
  'deleteImages',
  'addEntriesToCollection',
  'deleteEntry',
  'deleteEntries',
  'decideDuplicates',
  'undoDuplicateDecision',
  'createCollection',
  'renameCollection',
  'deleteCollection',
  'rotateCollectionKeys',
];
const ask = createAsk({
  typeDefs: `type Query { read: Boolean } type Mutation { ${fields.map((field) => `${field}: Boolean`).join(' ')} }`,
  resolvers: {
    Query: { read: call },
    Mutation: Object.fromEntries(fields.map((field) => [field, call])),
  },
});

async function run(query: string, identity: Identity, operationName: string | null = null) {
  called.length = 0;
  const { errors } = await ask({ query, operationName }, { identity });
  return { refusal: errors?.map(({ extensions }) => extensions), called: [...called] };
}

const read: Identity = { scope: 'read', collections: null };
const write: Identity = { scope: 'write', collections: null };
const admin: Identity = { scope: 'admin', collections: null };
const limitedWrite: Identity = { scope: 'write', collections: ['a'] };
const limitedAdmin: Identity = { scope: 'admin', collections: ['a'] };
const refused = { refusal: [{ code: 'FORBIDDEN', http: { status: 403 } }], called: [] };

describe('access to mutations', () => {
  const rows: [field: string, allowed: Identity[], refused: Identity[]][] = [
    ['storeEntry', [write, admin, limitedWrite, limitedAdmin], [read]],
    ['addImage', [write, admin, limitedWrite, limitedAdmin], [read]],
    ['deleteImage', [write, admin, limitedWrite, limitedAdmin], [read]],
    ['deleteImages', [write, admin, limitedWrite, limitedAdmin], [read]],
    ['addEntriesToCollection', [write, admin, limitedWrite, limitedAdmin], [read]],
    ['deleteEntry', [write, admin], [read, limitedWrite, limitedAdmin]],
    ['deleteEntries', [write, admin], [read, limitedWrite, limitedAdmin]],
    ['decideDuplicates', [write, admin], [read, limitedWrite, limitedAdmin]],
    ['undoDuplicateDecision', [write, admin], [read, limitedWrite, limitedAdmin]],
    ['renameCollection', [admin, limitedAdmin], [read, write, limitedWrite]],
    ['deleteCollection', [admin, limitedAdmin], [read, write, limitedWrite]],
    ['rotateCollectionKeys', [admin, limitedAdmin], [read, write, limitedWrite]],
    ['createCollection', [admin], [read, write, limitedWrite, limitedAdmin]],
  ];
  for (const [field, allowed, others] of rows) {
    it(`${field} is for those who may`, async () => {
      for (const who of allowed)
        expect(await run(`mutation { ${field} }`, who)).toEqual({
          refusal: undefined,
          called: [field],
        });
      for (const who of others) expect(await run(`mutation { ${field} }`, who)).toEqual(refused);
    });
  }

  it('cannot be had by an alias, a fragment, a directive or beside another', async () => {
    for (const query of [
      'mutation { storeEntry: createCollection }',
      'mutation { storeEntry createCollection }',
      'mutation { ... { createCollection } }',
      'mutation { ... on Mutation { ...A } } fragment A on Mutation { ...B ...B } fragment B on Mutation { createCollection }',
      'mutation { createCollection @skip(if: true) }',
    ])
      expect([query, await run(query, write)]).toEqual([query, refused]);
  });

  it('is asked of the operation that runs', async () => {
    const query = 'query A { read } mutation B { createCollection }';
    expect(await run(query, read, 'A')).toEqual({ refusal: undefined, called: ['read'] });
    expect(await run(query, read, 'B')).toEqual(refused);
  });
});

it('the fields of a mutation are found in linear time, however often its fragments are spread', () => {
  const fragments = Array.from(
    { length: 60 },
    (_, i) => `fragment F${i} on Mutation { ...F${i + 1} ...F${i + 1} }`,
  );
  const document = parse(
    `mutation { ...F0 } ${fragments.join(' ')} fragment F60 on Mutation { createCollection }`,
  );
  const { selectionSet } = getOperationAST(document)!;
  expect([...selectedFields(selectionSet, fragmentsOf(document))]).toEqual(['createCollection']);
});
