import { readdirSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createClient } from '#src/client/index.js';
import { fakeFetch } from './fake-fetch.js';

const url = 'http://gateway/graphql';

describe('the everyday tasks', () => {
  it('have a method each', () => {
    const { request, ...tasks } = createClient({ url });
    const operations = readdirSync(new URL('../../schema/operations/', import.meta.url))
      .filter((name) => name.endsWith('.graphql'))
      .map((name) =>
        name.replace('.graphql', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      );
    expect(Object.keys(tasks).sort()).toEqual(operations.sort());
  });

  it('send the input of a mutation and give its result, told apart by __typename', async () => {
    const deleteEntry = { __typename: 'NotFoundError', message: 'There is no such entry.' };
    const { fetch, sent } = fakeFetch({ data: { deleteEntry } });
    const result = await createClient({ url, fetch }).deleteEntry({ contentHash: 'ab' });
    expect(result).toEqual(deleteEntry);
    expect(JSON.parse(sent[0]!.init.body).variables).toEqual({ input: { contentHash: 'ab' } });
    if (result.__typename === 'DeleteEntrySuccess') expectTypeOf(result.deletedId).toBeString();
    else expectTypeOf(result.message).toBeString();
  });

  it('send the variables of a query, all or none, and give its field', async () => {
    const { fetch, sent } = fakeFetch({ data: { entries: null } });
    const client = createClient({ url, fetch });
    expect(await client.entries()).toBeNull();
    await client.entries({ first: 3, filter: { clientName: 'c' } });
    expect(sent.map(({ init }) => JSON.parse(init.body).variables)).toEqual([
      undefined,
      { first: 3, filter: { clientName: 'c' } },
    ]);
  });

  it('take options', async () => {
    const { fetch, sent } = fakeFetch({ data: { services: [] } });
    const { signal } = new AbortController();
    expect(await createClient({ url, fetch }).services({ signal })).toEqual([]);
    expect(sent[0]!.init.signal).toBe(signal);
  });
});
