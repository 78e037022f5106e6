import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { expect } from 'vitest';
import { fragmentsOf } from '#src/graphql/execution/fragments.js';
import { queryCost } from '#src/graphql/execution/query-cost.js';
import { createFillDefaults, variableTypes } from '#src/graphql/execution/variables.js';
import { callsService, callsServiceForEach } from '#src/graphql/schema/calls-service.js';

/** A small graph with every kind of field that the cost tells apart. */
export const testSchema = markServiceCalls(
  buildSchema(/* GraphQL */ `
    type Query {
      item: Item
      items(first: Int! = 3): [Item!]
      turned(first: Int = 3, last: Int): [Item!]
      page(first: Int! = 2, after: String): Page
      byIds(ids: [ID!]!): [Item]!
      found(first: Int! = 2): Found
      either: Either
    }
    type Item {
      id: ID!
      tags: [String!]!
      self: Item!
      faults: [Fault!]!
      items(first: Int! = 3): [Item!]
      page(first: Int! = 2): Page
      byIds(ids: [ID!]!): [Item]!
    }
    type Page { nodes: [Item!]!  edges: [Edge!]!  info: Info! }
    type Edge { cursor: String!  node: Item! }
    type Info { more: Boolean! }
    type Found { hash: String  items: [Item!]  others: [Item!] }
    type Fault { message: String! }
    union Either = Item | Fault
    input Many { ids: [ID!]! }
    type Changed { results: [Item!]! }
    type Mutation { change: Item  changeEach(input: Many!): Changed }
  `),
  ['Query.page', 'Query.byIds', 'Item.page', 'Item.byIds', 'Mutation.change'],
);
testSchema.getMutationType()!.getFields().changeEach!.extensions = callsServiceForEach('ids');

function markServiceCalls(schema: GraphQLSchema, fields: string[]): GraphQLSchema {
  for (const coordinate of fields) {
    const [type = '', field = ''] = coordinate.split('.');
    (schema.getType(type) as GraphQLObjectType).getFields()[field]!.extensions = callsService;
  }
  return schema;
}

/** The cost of a query over it. */
export function costOf(query: string, given: Record<string, unknown> = {}): number {
  const document = parse(query);
  expect(validate(testSchema, document)).toEqual([]);
  const operation = getOperationAST(document)!;
  const fillDefaults = createFillDefaults(variableTypes(testSchema, operation.variableDefinitions));
  return queryCost({
    schema: testSchema,
    operation,
    fragments: fragmentsOf(document),
    variables: fillDefaults(given),
  });
}
