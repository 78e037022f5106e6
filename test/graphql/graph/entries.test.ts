import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

let graph: TestGraph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(() => graph.close());

describe('entriesByUrl', () => {
  const BY_URL = 'query ($urls: [String!]!) { entriesByUrl(urls: $urls) { url } }';

  it('answers in the order of the URLs, null for absent', async () => {
    const { url } = await graph.store(tinyPicture('0'.repeat(16)), 'https://x.example/a');
    const { data } = await graph.graphql(BY_URL, { urls: ['https://x.example/none', url, url] });
    expect(data.entriesByUrl).toEqual([null, { url }, { url }]);
  });

  // What was asked for before the bad one would fail with nobody waiting for it, which ends the process.
  it('asks for none of the URLs when one of them is no text that can be stored', async () => {
    graph.imgcache.failures.set('lookup', unavailable('IMGCACHE'));
    const { data, errors } = await graph.graphql(BY_URL, { urls: ['https://x.example/', 'bad\0'] });
    expect(data).toEqual({ entriesByUrl: null });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(graph.imgcache.calls).toEqual([]);
  });
});
