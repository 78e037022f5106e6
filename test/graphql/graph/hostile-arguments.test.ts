import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileValue, type Json, literal } from '../../fakes/hostile-arguments.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { type GraphQLAnswer, startGateway } from '../../harness/gateway.js';
import { startRemoteGateway } from '../../harness/remote-gateway.js';
import { randomRuns } from '../../harness/repetitions.js';

interface Subject {
  graphql(query: string, variables?: object): Promise<GraphQLAnswer>;
  /** What clients were not told. */
  reported: unknown[];
  /** That has an image `a`. */
  collectionId: string;
  close(): Promise<void>;
}

/** Of errors that are the client's. */
const CODES = [
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  // A bucket was named, and there are none.
  'SERVICE_UNSUPPORTED',
];

const PICTURE = tinyPicture('0123456789abcdef').toString('base64');
const schema = buildSchema(readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));

/** How a query comes to an object of a type. */
const WAYS: Record<string, (field: string) => string> = {
  Query: (field) => field,
  Mutation: (field) => field,
  Collection: (field) => `collection(collectionId: "COLLECTION") { ${field} }`,
  Image: (field) => `image(collectionId: "COLLECTION", imageId: "a") { ${field} }`,
  Entry: (field) => `entries(first: 1) { nodes { ${field} } }`,
};

/** Every field that takes arguments. */
const fields = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
  .flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields()).map(
          (field) => [`${type.name}.${field.name}`, { type: type.name, field }] as const,
        )
      : [],
  )
  .filter(([, { field }]) => field.args.length > 0);

/** What can be asked of a type without arguments, some levels deep. */
function selectionOf(type: GraphQLOutputType, levels: number): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (isUnionType(named))
    return `{ __typename ${named
      .getTypes()
      .map((member) => `... on ${member} ${selectionOf(member, levels)}`)
      .join(' ')} }`;
  const below = Object.values(named.getFields()).filter(
    (field) => field.args.length === 0 && (levels > 0 || !isCompositeType(getNamedType(field.type))),
  );
  return `{ __typename ${below.map((field) => `${field.name} ${selectionOf(field.type, levels - 1)}`).join(' ')} }`;
}

interface Question {
  names: string[];
  query: string;
  variables: Record<string, Json>;
}

/** Asks a field with arguments that are variables, literals or left out. */
function questionOf(type: string, field: GraphQLField<unknown, unknown>) {
  const given = Object.fromEntries(
    field.args.map((arg) => [
      arg.name,
      fc.record({
        value: hostileValue(arg.type),
        as: fc.constantFrom('variable', 'variable', 'literal', 'nothing'),
      }),
    ]),
  );
  return fc.record(given).map((given): Question => {
    const variables = field.args.filter(({ name }) => given[name]!.as === 'variable');
    const shown = field.args.flatMap(({ name }) => {
      const { as, value } = given[name]!;
      if (as === 'nothing') return [];
      return [`${name}: ${as === 'variable' ? `$${name}` : literal(value)}`];
    });
    const declared = variables.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
    const called = shown.length > 0 ? `${field.name}(${shown.join(', ')})` : field.name;
    return {
      names: field.args.map(({ name }) => name),
      variables: Object.fromEntries(variables.map(({ name }) => [name, given[name]!.value])),
      query: `${type === 'Mutation' ? 'mutation' : 'query'} ${declared && `(${declared})`} { ${WAYS[type]!(`${called} ${selectionOf(field.type, 2)}`)} }`,
    };
  });
}

const ADD = `mutation {
  addImage(input: { collectionId: "COLLECTION", imageId: "a", image: { base64: "PICTURE" } }) { __typename }
  storeEntry(input: { url: "https://x.example/", clientName: "test", image: { base64: "PICTURE" } }) { __typename }
}`;

async function openEmbedded(): Promise<Subject> {
  const gateway = await startGateway();
  const { data } = await gateway.graphql('{ collections { nodes { collectionId } } }');
  return { ...gateway, collectionId: data.collections.nodes[0].collectionId };
}

async function openRemote(): Promise<Subject> {
  const gateway = await startRemoteGateway();
  return { ...gateway, collectionId: gateway.collectionIds[0]! };
}

describe.each([
  ['embedded services', openEmbedded],
  ['remote services', openRemote],
])('an argument that is hostile, over %s', (_, open) => {
  let subject: Subject;

  /** With what is there in the place of its names. */
  function ask(query: string, variables: object): Promise<GraphQLAnswer> {
    const fill = (text: string) =>
      text.replaceAll('COLLECTION', subject.collectionId).replaceAll('PICTURE', PICTURE);
    return subject.graphql(fill(query), JSON.parse(fill(JSON.stringify(variables))));
  }

  beforeAll(async () => {
    subject = await open();
    const { data } = await ask(ADD, {});
    expect(data).toEqual({
      addImage: { __typename: 'AddImageSuccess' },
      storeEntry: { __typename: 'StoreEntrySuccess' },
    });
  });

  afterAll(() => subject.close());

  it.each(fields)('is never an error of the gateway: %s', async (_, { type, field }) => {
    await fc.assert(
      fc.asyncProperty(questionOf(type, field), async ({ names, query, variables }) => {
        const { errors = [] } = await ask(query, variables);
        const said = JSON.stringify({ query, variables, errors });
        for (const { extensions } of errors) expect(CODES, said).toContain(extensions.code);
        const bad = errors.filter(({ extensions }) => extensions.code === 'BAD_USER_INPUT');
        if (bad.length > 0)
          expect(
            bad.some(({ message }) => names.some((name) => message.includes(name))),
            said,
          ).toBe(true);
        expect(subject.reported.splice(0), said).toEqual([]);
      }),
      { numRuns: randomRuns(40) },
    );
  });
});
