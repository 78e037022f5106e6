import { expect, it } from 'vitest';
import { openTracing } from '#src/tracing/tracing.js';
import { FaultyServer, html, neverAnswer, refusingUrl } from '../fakes/faulty-server.js';
import { startGateway } from '../harness/gateway.js';

function open(endpoint: string) {
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  return { ...openTracing({ endpoint, sampler: 'always_on', ratio: 1, onNotice }), notices };
}

it('spans that the collector does not take are told of once in a while', async () => {
  await using collector = await FaultyServer.start(html(400));
  const { tracer, close, notices } = open(collector.url);
  // More than one batch.
  for (let i = 0; i < 1100; i++) tracer.startSpan('test').end();
  await close();
  expect(collector.requests.length).toBeGreaterThan(1);
  expect(notices).toEqual([expect.stringMatching(/^\d+ spans of traces were not taken by the collector: /)]);
});

it('a collector that never answers holds the end up for some seconds only', async () => {
  await using collector = await FaultyServer.start(neverAnswer);
  const { tracer, close } = open(collector.url);
  tracer.startSpan('test').end();
  const startedAt = performance.now();
  await close();
  expect(performance.now() - startedAt).toBeLessThan(4500);
  expect(collector.requests).toHaveLength(1);
});

it('requests are answered when there is no collector', async () => {
  const gateway = await startGateway({ otlpEndpoint: await refusingUrl() });
  expect(await gateway.graphql('{ __typename }')).toMatchObject({ data: { __typename: 'Query' } });
  await gateway.close();
  expect(gateway.reported).toEqual([]);
});
