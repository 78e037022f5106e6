import { describe, expect, it } from 'vitest';
import { costOf } from './costed-schema.js';

describe('the cost of a query', () => {
  const cases: [rule: string, query: string, cost: number, variables?: Record<string, unknown>][] = [
    ['is 1 for a field', '{ item { id } }', 2],
    ['is 1 for each alias', '{ a: item { id } b: item { id } }', 4],
    ['is 5 for a field that calls a service', 'mutation { change { id } }', 6],
    [
      'is as much for a change of many as for so many changes',
      'mutation { changeEach(input: { ids: [1, 2, 3] }) { results { id tags } } }',
      3 * 5 + 1 + 3 * 2,
    ],
    [
      'takes the number of changes from a variable',
      'mutation ($input: Many!) { changeEach(input: $input) { results { id } } }',
      4 * 5 + 1 + 4,
      { input: { ids: [1, 2, 3, 4] } },
    ],
    [
      'takes the number of changes from a variable in the input',
      'mutation ($ids: [ID!]!) { changeEach(input: { ids: $ids }) { results { id } } }',
      2 * 5 + 1 + 2,
      { ids: [1, 2] },
    ],
    [
      'counts 1 change at least and 100 at most',
      'mutation ($many: Many!, $none: Many!) { a: changeEach(input: $none) { results { id } } b: changeEach(input: $many) { results { id } } }',
      7 + 601,
      { many: { ids: Array(5000).fill(1) }, none: { ids: [] } },
    ],
    ['is 1 for a list of leaves', '{ item { tags } }', 2],
    ['counts a list that is short by nature as one item', '{ item { faults { message } } }', 3],
    ['multiplies the items of a list by first', '{ items(first: 10) { id tags } }', 21],
    ['takes first from its default', '{ items { id } }', 4],
    ['takes first from a variable', 'query ($n: Int!) { items(first: $n) { id } }', 8, { n: 7 }],
    ['takes first from the default of a variable', 'query ($n: Int! = 6) { items(first: $n) { id } }', 7],
    [
      'prefers a given variable to its default',
      'query ($n: Int! = 6) { items(first: $n) { id } }',
      3,
      { n: 2 },
    ],
    [
      'takes first from its default when its variable is not given',
      'query ($n: Int) { items(first: $n) { id } }',
      4,
    ],
    ['takes last in place of the default of first', '{ turned(last: 10) { id } }', 11],
    ['takes last in place of a first that is null', '{ turned(first: null, last: 10) { id } }', 11],
    ['takes the default of first where both are null', '{ turned(first: null, last: null) { id } }', 4],
    ['takes last from a variable', 'query ($n: Int) { turned(last: $n) { id } }', 101, { n: 500 }],
    ['counts one item at least', '{ items(first: 0) { id } }', 2],
    ['counts one item for a negative first', '{ items(first: -5) { id } }', 2],
    ['counts 100 items at most', '{ items(first: 2000000000) { id } }', 101],
    [
      'counts 100 items for a first that is no number',
      'query ($n: Int!) { items(first: $n) { id } }',
      101,
      { n: 'x' },
    ],
    ['multiplies a list of keys by their number', '{ byIds(ids: [1, 2, 3]) { id } }', 8],
    [
      'multiplies by keys in a variable',
      'query ($ids: [ID!]!) { byIds(ids: $ids) { id } }',
      9,
      { ids: [1, 2, 3, 4] },
    ],
    [
      'multiplies by keys that are variables',
      'query ($a: ID!, $b: ID!) { byIds(ids: [$a, $b]) { id } }',
      7,
      { a: 1, b: 2 },
    ],
    ['counts a single key as a list of one', '{ byIds(ids: 1) { id } }', 6],
    [
      'counts 100 keys at most',
      'query ($ids: [ID!]!) { byIds(ids: $ids) { id } }',
      105,
      { ids: Array(5000).fill(1) },
    ],
    ['multiplies below the nodes of a connection', '{ page(first: 10) { nodes { id } } }', 16],
    [
      'multiplies below the edges of a connection',
      '{ page(first: 10) { edges { cursor node { id } } } }',
      36,
    ],
    ['multiplies nodes and edges once each', '{ page(first: 10) { nodes { id } edges { cursor } } }', 27],
    ['does not multiply the rest of a connection', '{ page(first: 10) { info { more } nodes { id } } }', 18],
    [
      'multiplies every list that first is said to size',
      '{ found(first: 10) { hash items { id } others { id } } }',
      24,
    ],
    ['does not hand first on through an item', '{ items(first: 10) { faults { message } } }', 21],
    ['multiplies nested lists', '{ items(first: 10) { items(first: 10) { id } } }', 111],
    ['counts inline fragments', '{ item { ... { id } ... on Item { tags } } }', 3],
    ['adds up the types of a union', '{ either { ... on Item { id } ... on Fault { message } } }', 3],
    [
      'counts fragments wherever they are spread',
      '{ a: item { ...F } items { ...F } } fragment F on Item { id tags }',
      10,
    ],
    [
      'sizes the lists of a fragment by where it is spread',
      '{ a: page(first: 10) { ...P } b: page(first: 1) { ...P } } fragment P on Page { nodes { id } }',
      23,
    ],
    [
      'is nothing for introspection',
      '{ __typename __schema { types { name fields { name } } } __type(name: "Item") { name } }',
      0,
    ],
    [
      'is nothing for what @skip leaves out',
      '{ items @skip(if: true) { id } item @skip(if: false) { id } }',
      2,
    ],
    [
      'is nothing for what @include leaves out',
      'query ($yes: Boolean!, $no: Boolean! = false) { a: item @include(if: $yes) { id } b: item @include(if: $no) { id } ...F @include(if: $no) ... @skip(if: $yes) { item { id } } } fragment F on Query { items { id } }',
      2,
      { yes: true },
    ],
  ];
  for (const [rule, query, cost, variables] of cases)
    it(rule, () => expect(costOf(query, variables)).toBe(cost));

  it('is found in linear time, and ends at the largest whole number', () => {
    const levels = Array.from(
      { length: 500 },
      (_, n) =>
        `fragment F${n} on Item { a: items(first: 100) { ...F${n + 1} } b: items(first: 100) { ...F${n + 1} } }`,
    );
    const query = `{ item { ...F0 } } ${levels.join(' ')} fragment F500 on Item { id }`;
    expect(costOf(query)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
