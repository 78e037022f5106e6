import fc from 'fast-check';
import { executeSync, getOperationAST, parse } from 'graphql';
import { expect, it } from 'vitest';
import { createCompiledCode } from '#src/graphql/execution/execution.js';
import { Operation } from '#src/graphql/execution/operation.js';
import { costOf, testSchema } from './costed-schema.js';

/** A query as a tree. Every field has an alias of its own, so that none is merged with another. */
interface Asked {
  field: 'id' | 'self' | 'items' | 'page' | 'byIds';
  size: number;
  /** How the size is given. */
  by: 'literal' | 'variable' | 'default';
  directive: '' | '@skip(if: $yes)' | '@skip(if: $no)' | '@include(if: $yes)' | '@include(if: $no)';
  wrap: 'none' | 'inline' | 'fragment';
  below: Asked[];
}

const { asked } = fc.letrec<{ asked: Asked[] }>((tie) => ({
  asked: fc.array(
    fc.record({
      field: fc.constantFrom<Asked['field'][]>('id', 'self', 'items', 'page', 'byIds'),
      size: fc.integer({ min: 1, max: 3 }),
      by: fc.constantFrom<Asked['by'][]>('literal', 'variable', 'default'),
      directive: fc.constantFrom<Asked['directive'][]>(
        '',
        '',
        '@skip(if: $yes)',
        '@skip(if: $no)',
        '@include(if: $yes)',
        '@include(if: $no)',
      ),
      wrap: fc.constantFrom<Asked['wrap'][]>('none', 'inline', 'fragment'),
      below: fc.oneof({ maxDepth: 3 }, fc.constant<Asked[]>([]), tie('asked')),
    }),
    { maxLength: 3 },
  ),
}));

/** Prints the tree. A fragment is spread at two places, in both of which its fields run. */
function print(tree: Asked[]): { query: string; variables: Record<string, unknown> } {
  let count = 0;
  const fragments: string[] = [];
  const definitions = ['$yes: Boolean! = true', '$no: Boolean! = false'];
  const variables: Record<string, unknown> = {};

  function argument({ field, size, by }: Asked): string {
    if (field === 'id' || field === 'self') return '';
    const [name, type, value] =
      field === 'byIds' ? ['ids', '[ID!]!', Array(size).fill('1')] : ['first', 'Int!', size];
    if (by === 'literal') return `(${name}: ${JSON.stringify(value)})`;
    const variable = `v${++count}`;
    definitions.push(`$${variable}: ${type}${by === 'default' ? ` = ${JSON.stringify(value)}` : ''}`);
    if (by === 'variable') variables[variable] = value;
    return `(${name}: $${variable})`;
  }

  function one(ask: Asked): string {
    const head = `a${++count}: ${ask.field}${argument(ask)} ${ask.directive}`;
    if (ask.field === 'id') return head;
    const items = `{ ${selections(ask.below)} }`;
    if (ask.field !== 'page') return `${head} ${items}`;
    return `${head} { nodes ${items} edges { cursor node ${items} } info { more } }`;
  }

  function wrapped(ask: Asked): string {
    if (ask.wrap === 'none') return one(ask);
    if (ask.wrap === 'inline') return `... on Item ${ask.directive} { ${one(ask)} }`;
    const name = `F${++count}`;
    fragments.push(`fragment ${name} on Item { ${one(ask)} }`);
    return `x${count}: self { ...${name} ${ask.directive} } y${count}: self { id ... @include(if: $yes) { ...${name} } }`;
  }

  const selections = (asks: Asked[]): string => `z${++count}: id ${asks.map(wrapped).join(' ')}`;
  const body = selections(tree);
  return {
    query: `query (${definitions.join(', ')}) { item { ${body} again: id @skip(if: $yes) more: id @include(if: $no) } } ${fragments.join(' ')}`,
    variables,
  };
}

/** Runs a query over lists that are as long as they may be, and adds up what each resolver costs. */
function costWhenRun(query: string, variables: Record<string, unknown>): number {
  let cost = 0;
  executeSync({
    schema: testSchema,
    document: parse(query),
    variableValues: variables,
    rootValue: {},
    fieldResolver: (_source, args, _context, { fieldName, parentType }) => {
      cost += parentType.getFields()[fieldName]!.extensions.callsService ? 5 : 1;
      switch (fieldName) {
        case 'items':
          return Array(args.first).fill({});
        case 'byIds':
          return Array(args.ids.length).fill({});
        case 'page':
          return { first: args.first };
        case 'nodes':
        case 'edges':
          return Array((_source as { first: number }).first).fill({});
        case 'id':
        case 'cursor':
          return 'x';
        case 'more':
          return true;
        default:
          return {};
      }
    },
  });
  return cost;
}

it('is what the resolvers that run add up to when every list is full', () => {
  fc.assert(
    fc.property(asked, (tree) => {
      const { query, variables } = print(tree);
      expect(costOf(query, variables)).toBe(costWhenRun(query, variables));
    }),
    { numRuns: 300 },
  );
});

/** The costs of one operation, run with these variables one after the other. */
function costsOfRuns(query: string, runs: Record<string, unknown>[]): number[] {
  const document = parse(query);
  const options = { schema: testSchema, hideSuggestions: false, compiledCode: createCompiledCode() };
  const operation = new Operation(document, getOperationAST(document)!, options);
  return runs.map((given) => {
    const read = operation.readVariables(given);
    if ('errors' in read) throw read.errors[0];
    return operation.cost(read.variables);
  });
}

it('is found for each run of an operation, whatever was found out before', () => {
  fc.assert(
    fc.property(asked, (tree) => {
      const { query, variables } = print(tree);
      const runs = [variables, { ...variables, yes: false, no: true }, variables];
      expect(costsOfRuns(query, runs)).toEqual(runs.map((given) => costOf(query, given)));
    }),
    { numRuns: 300 },
  );
});
