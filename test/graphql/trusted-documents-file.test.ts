import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as client from '#src/client/index.js';
import { collectDocuments } from '#src/graphql/trusted-documents-file.js';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);

const collect = (files: Record<string, string>) =>
  collectDocuments(Object.entries(files).map(([path, text]) => ({ path, text })));

describe('trusted documents from files', () => {
  it('are those that the client of the same files sends', () => {
    const files = readdirSync(OPERATIONS)
      .filter((name) => name.endsWith('.graphql'))
      .map((name) => ({ path: name, text: readFileSync(new URL(name, OPERATIONS), 'utf8') }));
    const { documents, problems } = collectDocuments(files);
    expect(problems).toEqual([]);
    const sent = Object.entries(client).flatMap(([name, value]) =>
      name.endsWith('Document') ? [value] : [],
    );
    expect(sent.length).toBeGreaterThan(10);
    expect(new Set(documents.values())).toEqual(new Set(sent));
  });

  it('have the fragments that they need, from any file, and no others', () => {
    const { documents, problems } = collect({
      'a.graphql': 'query A { entries(first: 1) { nodes { ...Names } } } fragment Unused on Entry { url }',
      'b.graphql': 'fragment Names on Entry { contentHash ...More }',
      'c.graphql': 'fragment More on Entry { url } type Left { out: Int }',
    });
    expect(problems).toEqual([]);
    const [text = ''] = documents.values();
    expect([...text.matchAll(/^(?:query|fragment) (\w+)/gm)].map(([, name]) => name)).toEqual([
      'A',
      'Names',
      'More',
    ]);
    expect([...documents.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it.each([
    [{ 'a.graphql': 'query A {\n  nothing\n}' }, /^a\.graphql:2:3: Cannot query field "nothing"/],
    [{ 'a.graphql': 'query A { services { ...F } }' }, /^a\.graphql:1:\d+: Unknown fragment "F"/],
    [{ 'a.graphql': 'query {' }, /^a\.graphql:1:8: Syntax Error/],
    [{ 'a.graphql': '{ services { name } }' }, /^a\.graphql:1:1: An operation needs a name/],
    [
      { 'a.graphql': 'query A { __typename }', 'b.graphql': 'query A { services { name } }' },
      /^b\.graphql:1:1: There is another operation A/,
    ],
    [
      { 'a.graphql': 'query A { entries(first: 1) { nodes { ...F } } } fragment F on Entry { url ...F }' },
      /Cannot spread fragment "F" within itself/,
    ],
    [{ 'a.graphql': `query A {${' a: __typename'.repeat(101)} }` }, /aliases/],
  ])('%j is told with its place', (files, problem) => {
    expect(collect(files as Record<string, string>).problems[0]).toMatch(problem);
  });
});
