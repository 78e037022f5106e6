import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVisualSnoopWire } from '#src/protocols/visualsnoop/handler.js';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { alone } from '../harness/alone.js';
import { openTestEngine } from '../harness/engine.js';
import { describeVisualSnoop } from './visualsnoop-contract.js';

const MOUNT = '/visualsnoop/api/v1';

/** The collection that is there at the start, and another one, in the order of their ids. */
async function openTwoCollections() {
  const engine = await openTestEngine();
  const other = await engine.visualsnoop.createCollection({ name: 'other', user: 'a@example.org' });
  const created = [engine.defaultCollection!, other];
  const [first, second] = created.map(({ collection }) => collection.collectionId).toSorted();
  return { engine, keys: created, collectionIds: [first!, second!] as const };
}

describeVisualSnoop(
  'The embedded VisualSnoop',
  async () => {
    const { engine, collectionIds } = await openTwoCollections();
    const { visualsnoop, stage, close } = engine;
    return { visualsnoop, collectionIds, stage, dispose: close };
  },
  { unchanged: true, contentHashes: true, bytes: true, createCollection: true },
);

describeVisualSnoop(
  'The embedded VisualSnoop, over the wire',
  async () => {
    const { engine, keys, collectionIds } = await openTwoCollections();
    const { visualsnoop, collectionKeys, staging } = engine;
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
    const dispose = async () => {
      await client.close();
      server.close();
      await engine.close();
      if (errors.length > 0) throw new AggregateError(errors, 'The wire met what nobody expected.');
    };
    return { visualsnoop: client, collectionIds, stage: engine.stage, dispose };
  },
  { unchanged: false, contentHashes: false, bytes: false, createCollection: false },
);
