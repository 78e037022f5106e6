import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { ServiceError } from '#src/services/errors.js';

/** What the resolvers of mutations did, in order. */
export type Journal = string[];

const typeDefs = /* GraphQL */ `
  enum Size { SMALL LARGE }
  input Options { size: Size! = SMALL  count: Int! = 1  tags: [String!]! = ["t"]  inner: Options  note: String }
  input One @oneOf { n: Int  text: String }
  interface Node { id: ID!  name: String  self: Node  kids(first: Int! = 2): [Node!]!  take(n: Int! = 1, options: Options, list: [Int!]): String }
  interface Named implements Node { id: ID!  name: String  self: Node  kids(first: Int! = 2): [Node!]!  take(n: Int! = 1, options: Options, list: [Int!]): String  label: String! }
  type Cat implements Node & Named {
    id: ID!  name: String  self: Node  kids(first: Int! = 2): [Node!]!  take(n: Int! = 1, options: Options, list: [Int!]): String
    label: String!  lives: Int!  thing: Thing  fails: String  failsHard: String!  nothing: Int!  friend: Cat  late: Cat!
  }
  type Dog implements Node {
    id: ID!  name: String  self: Node  kids(first: Int! = 2): [Node!]!  take(n: Int! = 1, options: Options, list: [Int!]): String
    barks: Boolean  thing: Thing  fails: String  mixed: [Thing]  strict: [Thing!]  grid: [[Cat!]]
  }
  union Thing = Cat | Dog
  type Query { cat: Cat  dog: Dog!  node: Node  thing: Thing  nodes: [Node]  things: [Thing!]!  named: [Named]  take(n: Int! = 1, options: Options, list: [Int!]): String  pick(one: One! = { n: 1 }): String }
  type Mutation { add(n: Int! = 1): Int!  change(n: Int! = 1): Cat  drop(n: Int! = 1): Int  refuse(n: Int! = 1): Dog }
`;

const fail = () => {
  throw new ServiceError('imgcache is away.', { service: 'IMGCACHE', code: 'UNAVAILABLE', retryable: true });
};
const refuse = async () => {
  throw new GraphQLError('No.', { extensions: { code: 'NO' } });
};
const cat = { __typename: 'Cat' };
const dog = { __typename: 'Dog' };
const take = (_source: object, args: object) => JSON.stringify(args);
const node = {
  id: () => '1',
  name: async () => 'n',
  self: ({ __typename }: { __typename: string }) => ({ __typename }),
  kids: async (_source: object, { first }: { first: number }) => [cat, dog, cat].slice(0, first),
  take,
};

const resolvers = {
  Query: {
    cat: () => cat,
    dog: async () => dog,
    node: async () => dog,
    thing: () => cat,
    nodes: () => [cat, null, dog],
    things: async () => [dog, cat],
    named: () => [cat, Promise.resolve(cat)],
    take,
    pick: take,
  },
  Mutation: {
    add: async (_root: object, { n }: { n: number }, { journal }: { journal: Journal }) =>
      journal.push(`add ${n}`),
    change: (_root: object, { n }: { n: number }, { journal }: { journal: Journal }) => {
      journal.push(`change ${n}`);
      return cat;
    },
    drop: async (_root: object, { n }: { n: number }, { journal }: { journal: Journal }) => {
      journal.push(`drop ${n}`);
      throw new GraphQLError('No.', { extensions: { code: 'NO' } });
    },
    refuse: (_root: object, { n }: { n: number }, { journal }: { journal: Journal }) => {
      journal.push(`refuse ${n}`);
      return fail();
    },
  },
  Cat: {
    ...node,
    label: () => 'l',
    lives: () => 9,
    thing: async () => dog,
    fails: refuse,
    failsHard: fail,
    nothing: async () => null,
    friend: () => cat,
    late: async () => cat,
  },
  Dog: {
    ...node,
    barks: () => true,
    thing: () => cat,
    fails: fail,
    mixed: () => [cat, null, Promise.resolve(dog)],
    strict: async () => [dog, null],
    grid: () => [[cat], null, [cat, cat]],
  },
};

/** All kinds of types, and fields that resolve at once, later, to null and never. Their context is a journal. */
export const parts = { typeDefs, resolvers };
export const schema = createSchema<{ journal: Journal }>(parts);
