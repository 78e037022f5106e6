import { readFileSync } from 'node:fs';
import { gql, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import fc from 'fast-check';
import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { possibleTypes, typePolicies } from '#src/client/apollo.js';
import { relayPagination } from '#src/client/relay-pagination.js';
import { keys } from '#src/client/urql.js';
import { schema } from '#src/graphql/schema/schema.js';

const objects = Object.values(schema.getTypeMap()).filter(
  (type) => isObjectType(type) && !type.name.startsWith('__') && !['Query', 'Mutation'].includes(type.name),
);
const withId = objects.filter((type) => isObjectType(type) && type.getFields().id).map(({ name }) => name);

/** Pages of a list, as a client that goes through it gets them. */
interface Asked {
  at: number;
  size: number;
  way: 'start' | 'after' | 'before';
}

const LENGTH = 12;
const cursorOf = (n: number) => `cursor ${n}`;
const edgeOf = (n: number) => ({
  __typename: 'EntryEdge',
  cursor: cursorOf(n),
  node: { __ref: `Entry:${n}` },
});
const asked = fc.record({
  at: fc.nat(LENGTH + 2),
  size: fc.integer({ min: 0, max: 5 }),
  way: fc.constantFrom<Asked['way'][]>('start', 'after', 'before'),
});

function pageOf({ at, size, way }: Asked) {
  const [from, to] =
    way === 'start' ? [0, size] : way === 'after' ? [at + 1, at + 1 + size] : [at - size, at];
  const numbers = [...Array(LENGTH).keys()].slice(Math.max(0, from), Math.max(0, to));
  const first = numbers.at(0);
  const last = numbers.at(-1);
  return {
    args: way === 'start' ? { first: size } : { [way]: cursorOf(at) },
    edges: numbers.map(edgeOf),
    pageInfo: {
      hasPreviousPage: from > 0,
      hasNextPage: to < LENGTH,
      startCursor: first === undefined ? null : cursorOf(first),
      endCursor: last === undefined ? null : cursorOf(last),
    },
  };
}

describe('the policy of pages', () => {
  it('keeps edges as that of @apollo/client does, whatever is asked for in whatever order', () => {
    const theirs = relayStylePagination();
    const ours = relayPagination([]);
    const options = {
      isReference: () => false,
      readField: (name: string, from: Record<string, unknown>) => from[name],
    };
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 8 }), fc.nat(LENGTH), (asks, gone) => {
        // biome-ignore lint/suspicious/noExplicitAny: both are called as the cache calls them.
        let [a, b]: any[] = [undefined, undefined];
        for (const ask of asks) {
          const { args, ...incoming } = pageOf(ask);
          // biome-ignore lint/suspicious/noExplicitAny: of the options the policies use these.
          a = (theirs.merge as any)(a, structuredClone(incoming), { args, ...options });
          b = ours.merge(b, structuredClone(incoming), { args });
        }
        const canRead = (node: unknown) => (node as { __ref: string }).__ref !== `Entry:${gone}`;
        // biome-ignore lint/suspicious/noExplicitAny: of the options the policies use these.
        const shown = (theirs.read as any)(a, { canRead, ...options });
        expect(
          ours.read(b, { canRead, readField: (name, from) => options.readField(name, from as never) })?.edges,
        ).toEqual(shown?.edges);
      }),
      { numRuns: 500 },
    );
  });

  const LIST = gql`
    query ($after: String, $before: String, $filter: EntryFilter) {
      entries(filter: $filter, first: 2, after: $after, before: $before) {
        nodes { id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `;

  function write(cache: InMemoryCache, numbers: number[], variables: object) {
    const data = {
      entries: {
        __typename: 'EntryConnection',
        nodes: numbers.map((n) => ({ __typename: 'Entry', id: `${n}` })),
        pageInfo: {
          __typename: 'PageInfo',
          hasNextPage: numbers.at(-1)! < 5,
          hasPreviousPage: numbers[0]! > 0,
          startCursor: cursorOf(numbers[0]!),
          endCursor: cursorOf(numbers.at(-1)!),
        },
      },
    };
    cache.writeQuery({ query: LIST, variables, data });
  }
  // biome-ignore lint/suspicious/noExplicitAny: the query says what is read.
  const listed = (cache: InMemoryCache, variables: object = {}): any =>
    // biome-ignore lint/suspicious/noExplicitAny: the query says what is read.
    (cache.readQuery({ query: LIST, variables }) as any)?.entries;
  const ids = (cache: InMemoryCache, variables?: object) =>
    listed(cache, variables)?.nodes.map(({ id }: { id: string }) => Number(id));

  it('joins pages of nodes in a real cache, forwards and backwards, a list for each filter', () => {
    const cache = new InMemoryCache({ possibleTypes, typePolicies });
    write(cache, [2, 3], {});
    write(cache, [4, 5], { after: cursorOf(3) });
    write(cache, [0, 1], { before: cursorOf(2) });
    write(cache, [3], { filter: { clientName: 'x' } });
    expect(ids(cache)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(listed(cache).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: cursorOf(0),
      endCursor: cursorOf(5),
    });
    expect(ids(cache, { filter: { clientName: 'x' } })).toEqual([3]);
    cache.evict({ id: 'Entry:1' });
    expect(ids(cache)).toEqual([0, 2, 3, 4, 5]);
    write(cache, [0, 2], {});
    expect(ids(cache)).toEqual([0, 2]);
  });
});

describe('what caches are told', () => {
  const folder = new URL('../../src/client/', import.meta.url);
  /** The modules that one of the client imports, with itself. */
  function modulesOf(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [, name] of text.matchAll(/from '([^']+)'/g)) {
      expect([file, name]).toEqual([file, expect.stringMatching(/^\.\/[\w-]+\.js$/)]);
      modulesOf(name!.slice(2).replace(/js$/, 'ts'), found);
    }
    return found;
  }

  it('comes without dependencies, and is no part of the client itself', () => {
    const client = modulesOf('index.ts');
    expect(client.size).toBeGreaterThan(5);
    for (const entry of ['apollo.ts', 'urql.ts'])
      for (const module of modulesOf(entry)) expect([...client]).not.toContain(module);
  });

  it('is of each type whether it has an id of its own', () => {
    expect(Object.keys(keys).toSorted()).toEqual(
      objects
        .map(({ name }) => name)
        .filter((name) => !withId.includes(name))
        .toSorted(),
    );
    for (const key of Object.values(keys)) expect(key()).toBeNull();
    for (const { name } of objects)
      expect([name, typePolicies[name]?.keyFields]).toEqual([
        name,
        withId.includes(name) ? undefined : false,
      ]);
  });

  it('is of each connection that its pages are one list', () => {
    expect(Object.keys(typePolicies.Query?.fields ?? {}).toSorted()).toEqual([
      'collections',
      'duplicateGroups',
      'entries',
    ]);
    expect(Object.keys(typePolicies.Collection?.fields ?? {})).toEqual(['images']);
    expect(typePolicies.Query?.fields?.entries?.keyArgs).toContain('filter');
    expect(typePolicies.Query?.fields?.collections?.keyArgs).toBe(false);
  });
});
