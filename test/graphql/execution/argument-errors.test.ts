import { parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { nameArgument } from '#src/graphql/execution/argument-errors.js';
import { schema } from '#src/graphql/schema/schema.js';

/** What is said of a document with one error. */
function said(query: string): string {
  const document = parse(query);
  const [error, ...others] = validate(schema, document);
  expect(others).toEqual([]);
  return nameArgument(error!, document).message;
}

const places: [query: string, place: string][] = [
  ['{ entry(contentHash: "x") { url } }', 'contentHash'],
  ['{ entries(first: "x", after: "b") { nodes { url } } }', 'first'],
  ['{ entries(after: "b", first: "x") { nodes { url } } }', 'first'],
  ['{ entriesByContentHash(contentHashes: ["x"]) { url } }', 'contentHashes'],
  [
    '{ entries(first: 20, filter: { urlContains: "a", createdFrom: "x", clientName: "b" }) { nodes { url } } }',
    'filter.createdFrom',
  ],
  [
    '{ similar(first: 3, to: { member: { imageId: "a", collectionId: 1 } }) { __typename } }',
    'to.member.collectionId',
  ],
  [
    '{ entries(first: 3) { nodes { similar(first: 2, maxHammingDistance: "x") { __typename } } } }',
    'maxHammingDistance',
  ],
];

it.each(places)('the error of a bad value in %s begins with %s', (query, place) => {
  const [names] = said(query).split(': ');
  expect(names).toBe(place);
});

it('the error of a default value is as it was, which is no argument', () => {
  expect(said('query ($h: ContentHash = "x") { entry(contentHash: $h) { url } }')).toMatch(
    /^ContentHash must be/,
  );
});

it('an error that is not of a value is as it was', () => {
  expect(said('{ servicez { name } }')).toMatch(/^Cannot query field "servicez"/);
});
