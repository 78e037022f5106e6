import { describe, expect, it } from 'vitest';
import { type Behaviour, FaultyServer, html, json } from '../fakes/faulty-server.js';
import { picture, startGateway } from '../harness/gateway.js';

const HASH = 'a'.repeat(64);
const MESSAGE = 'imgcache does not answer at the address that is set for it.';

/** As a server of another dialect, which is well and has no such paths. */
const routerOnly: Behaviour = (exchange) =>
  exchange.request.path === '/health'
    ? json({ status: 'ok' })(exchange)
    : json({ detail: 'Not Found' }, 404)(exchange);

async function withLookalike(run: (imgcacheUrl: string) => Promise<void>): Promise<void> {
  const other = await startGateway();
  try {
    await run(other.url);
  } finally {
    await other.close();
  }
}

const withServer = (behaviour: Behaviour) => async (run: (imgcacheUrl: string) => Promise<void>) => {
  await using server = await FaultyServer.start(behaviour);
  await run(server.url);
};

describe.each([
  ['a Lookalike without the path of imgcache', withLookalike],
  ['a web server', withServer(html(404))],
  ['a server of another dialect', withServer(routerOnly)],
])('A gateway whose IMGCACHE_URL is at %s', (_, serve) => {
  it('says that no imgcache answers there, and takes nothing for absent', () =>
    serve(async (imgcacheUrl) => {
      const gateway = await startGateway({ imgcacheUrl });
      try {
        const ready = await fetch(`${gateway.url}/ready`);
        expect([ready.status, await ready.json()]).toEqual([
          503,
          { status: 'not ready', services: { VISUALSNOOP: 'UP', IMGCACHE: 'DOWN' } },
        ]);
        const { data: states } = await gateway.graphql('{ services { name status message } }');
        expect(states.services).toContainEqual({ name: 'IMGCACHE', status: 'DOWN', message: MESSAGE });

        const error = {
          message: MESSAGE,
          extensions: { code: 'SERVICE_BAD_RESPONSE', service: 'IMGCACHE', retryable: false },
        };
        for (const field of [
          `entry(contentHash: "${HASH}")`,
          'entryByUrl(url: "https://x.example/")',
          'entries',
        ]) {
          const { data, errors } = await gateway.graphql(`{ field: ${field} { __typename } }`);
          expect([data.field, errors], field).toEqual([null, [expect.objectContaining(error)]]);
        }
        const failure = { __typename: 'ServiceError', code: 'BAD_RESPONSE', message: MESSAGE };
        const selected = '{ __typename ... on ServiceError { code message } }';
        const deleted = await gateway.graphql(
          `mutation { deleteEntry(input: { contentHash: "${HASH}" }) ${selected} }`,
        );
        expect(deleted.data.deleteEntry).toEqual(failure);
        const input = { url: 'https://x.example/', clientName: 'c' };
        const image = { base64: picture('odd/one-pixel.png').toString('base64') };
        const stored = await gateway.graphql(
          `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) ${selected} }`,
          { input: { ...input, image } },
        );
        expect(stored.data.storeEntry).toEqual(failure);

        for (const [method, path] of [
          ['GET', `/files/${HASH}`],
          ['GET', `/imgcache/images/meta/${HASH}`],
          ['GET', `/imgcache/images/${HASH}`],
          ['DELETE', `/imgcache/images/${HASH}`],
          ['GET', '/imgcache/health'],
        ] as const)
          expect((await fetch(gateway.url + path, { method })).status, `${method} ${path}`).toBe(502);
        expect(gateway.reported).toEqual([]);
      } finally {
        await gateway.close();
      }
    }));
});
