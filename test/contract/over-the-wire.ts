import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVisualSnoopWire } from '#src/protocols/visualsnoop/handler.js';
import { createImgCacheClient, type ImgCacheClientOptions } from '#src/remote/imgcache/client.js';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import type { ImgCache } from '#src/services/imgcache.js';
import type { VisualSnoop } from '#src/services/visualsnoop.js';
import type { KeyPair } from '#src/services/visualsnoop-signature.js';
import { startWireServer } from '../fakes/wire-server.js';
import { alone } from '../harness/alone.js';
import type { TestEngine } from '../harness/engine.js';

/** A service as its remote implementation sees it, behind its old protocol. */
export interface OverTheWire<Service> {
  service: Service;
  /** @throws AggregateError when the protocol met what nobody expected */
  close(): Promise<void>;
}

const MOUNT = '/visualsnoop/api/v1';

/** An imgcache, seen over the wire so many times. */
export async function imgCacheOverTheWire(
  { imgcache: first, staging }: Pick<TestEngine, 'imgcache' | 'staging'>,
  hops = 1,
  options: Partial<ImgCacheClientOptions> = {},
): Promise<OverTheWire<ImgCache>> {
  const closing: (() => Promise<void>)[] = [];
  let service = first;
  for (let hop = 0; hop < hops; hop++) {
    const server = await startWireServer({ imgcache: service, staging });
    const client = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000, ...options });
    closing.push(server.close, () => client.close());
    service = client;
  }
  return {
    service,
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
}

/** The embedded VisualSnoop, seen over the wire with the keys of its collections. */
export async function visualSnoopOverTheWire(
  { visualsnoop, collectionKeys, staging }: TestEngine,
  keys: readonly KeyPair[],
): Promise<OverTheWire<VisualSnoop>> {
  const errors: unknown[] = [];
  const wire = alone(
    createVisualSnoopWire({
      visualsnoop,
      keys: collectionKeys,
      staging,
      maxUploadBytes: 1_000_000,
      onError: (error) => errors.push(error),
    }),
  );
  const server = createServer((req, res) => {
    void wire(req, res, (req.url ?? '').replace(/\?.*/s, '').slice(MOUNT.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createVisualSnoopClient({
    baseUrl: `http://127.0.0.1:${port}${MOUNT}`,
    keys,
    timeoutMs: 10_000,
  });
  return {
    service: client,
    async close() {
      await client.close();
      server.close();
      if (errors.length > 0) throw new AggregateError(errors, 'The wire met what nobody expected.');
    },
  };
}
