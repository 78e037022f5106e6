import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeAfter500, drip, html, neverAnswer } from '../fakes/faulty-server.js';
import {
  CONTENT_HASH,
  type FaultyGateway,
  type HonestServices,
  startFaultyGateway,
  startHonestServices,
} from '../harness/faulty-gateway.js';
import { until } from '../harness/patience.js';

/** Of a call: long enough for a busy machine. */
const TIMEOUT_MS = 2_500;
/** As is promised. */
const [FAILED_WITHIN_MS, RECOVERED_WITHIN_MS] = [20_000, 40_000];

let services: HonestServices;
beforeAll(async () => {
  services = await startHonestServices();
});
afterAll(() => services[Symbol.asyncDispose]());

/** Waits until `/ready` says so; `/health` says all the time that the process lives. */
async function untilReady(url: string, status: 200 | 503): Promise<void> {
  await until(
    async () => {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      const answer = await fetch(`${url}/ready`);
      await answer.body?.cancel();
      return answer.status === status;
    },
    () => `/ready does not say ${status}.`,
    status === 503 ? FAILED_WITHIN_MS : RECOVERED_WITHIN_MS,
  );
}

async function stateOf({ graphql, remote }: FaultyGateway) {
  const { data } = await graphql('{ services { name status latencyMs message } }');
  const states: { name: string; status: string; latencyMs: number | null; message: string | null }[] =
    data.services;
  const { status, message } = states.find(({ name }) => name === remote)!;
  return { status, message, other: states.find(({ name }) => name !== remote)!.status };
}

const CALLS = {
  IMGCACHE: `{ entry(contentHash: "${CONTENT_HASH}") { url } }`,
  VISUALSNOOP: `query ($c: String!) { image(collectionId: $c, imageId: "${CONTENT_HASH}") { imageTime } }`,
};

describe.concurrent.each(['IMGCACHE', 'VISUALSNOOP'] as const)('When %s', (remote) => {
  const call = (gateway: FaultyGateway) => gateway.graphql(CALLS[remote], { c: gateway.collectionId });

  it.for([
    ['is gone', null],
    ['never answers', neverAnswer],
    ['drips', drip],
    ['gives server errors', closeAfter500],
    ['is replaced by web pages', html(200)],
  ] as const)('%s, that is seen, and that it is back', async ([, behaviour]) => {
    const gateway = await startFaultyGateway(remote, services, TIMEOUT_MS);
    try {
      expect(await stateOf(gateway)).toEqual({ status: 'UP', message: null, other: 'UP' });
      if (behaviour) gateway.service.behave(behaviour);
      else await gateway.service.leave();
      await untilReady(gateway.url, 503);
      // Calls enough to open the breaker.
      await Promise.all(Array.from({ length: 8 }, () => call(gateway)));
      for (let i = 0; i < 6; i++) await call(gateway);
      const down = await stateOf(gateway);
      expect(down).toEqual({ status: 'DOWN', message: expect.any(String), other: 'UP' });
      expect(down.message).not.toMatch(/127\.0\.0\.1|hunter2|html/);

      gateway.service.behave(gateway.honest);
      if (!behaviour) await gateway.service.comeBack();
      await untilReady(gateway.url, 200);
      expect((await call(gateway)).errors).toBeUndefined();
      // Most calls of the last minute failed.
      expect(await stateOf(gateway)).toEqual({
        status: 'DEGRADED',
        message: expect.stringMatching(/^\d+ of the last minute's \d+ calls failed\.$/),
        other: 'UP',
      });
    } finally {
      await gateway.close();
    }
  });

  it('fails in a tenth of its calls it is UP, and in more DEGRADED', async () => {
    const gateway = await startFaultyGateway(remote, services, TIMEOUT_MS);
    try {
      while (gateway.service.requests.length < 30) await call(gateway);
      gateway.service.behave(html(200));
      await call(gateway);
      gateway.service.behave(gateway.honest);
      expect((await stateOf(gateway)).status).toBe('UP');
      gateway.service.behave(html(200));
      for (let i = 0; i < 4; i++) await call(gateway);
      gateway.service.behave(gateway.honest);
      expect((await stateOf(gateway)).status).toBe('DEGRADED');
    } finally {
      await gateway.close();
    }
  });
});
