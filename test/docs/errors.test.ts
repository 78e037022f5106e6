import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '#src/metrics/operation-metrics.js';
import { HTTP_STATUS_OF } from '#src/services/errors.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const sources = (folder: string) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`${folder}/${name}`));

/** The first column of the table under a heading. */
function namesUnder(heading: string): string[] {
  const [, section = ''] = read('docs/errors.md').split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!).sort();
}

/** Codes that the source gives: as a code, as an argument of what refuses a request, and by parts. */
function codesOf(texts: readonly string[]): string[] {
  const codes = texts.flatMap((text) => {
    const code = [...text.matchAll(/\bcode: '?([A-Z_]+)\b/g)];
    const refusals = [
      ...text.matchAll(/(?:sendRefusal|sendGraphQLError|asBadDocument)\([^;]*?'([A-Z]+(?:_[A-Z]+)*)'/g),
    ];
    const limits = [...text.matchAll(/limitExceeded\('([A-Z]+)'/g)].map(([, what]) => [
      '',
      `${what}_LIMIT_EXCEEDED`,
    ]);
    return [...code, ...refusals, ...limits].map(([, name]) => name!);
  });
  return [...new Set(codes)];
}

describe('docs/errors.md', () => {
  it('has every code of the graph and of its door, and no other', () => {
    const services = Object.keys(HTTP_STATUS_OF);
    const given = codesOf([...sources('src/graphql'), ...sources('src/http')])
      // Those of a service are given to it here, and come out with its name.
      .filter((code) => !services.includes(code));
    const all = new Set([...given, ...services.map((code) => `SERVICE_${code}`)]);
    expect(namesUnder('Codes in GraphQL')).toEqual([...all].sort());
  });

  it('has no code of the graph that the metrics do not know', () => {
    const given = codesOf(sources('src/graphql')).filter((code) =>
      namesUnder('Codes in GraphQL').includes(code),
    );
    expect(given.filter((code) => !ERROR_CODES.has(code))).toEqual([]);
  });

  it('has every type that implements Error', () => {
    const types = [...read('schema/schema.graphql').matchAll(/^type (\w+) implements Error\b/gm)];
    expect(namesUnder('Members of results')).toEqual(types.map(([, name]) => name!).sort());
  });

  it('has the codes of the client', () => {
    const thrown = sources('src/client').flatMap((text) =>
      [...text.matchAll(/(?:LookalikeError\(|\?\? )'([A-Z_]+)'/g)].map(([, code]) => code!),
    );
    expect(namesUnder('Codes of the client')).toEqual([...new Set(thrown)].sort());
  });
});
