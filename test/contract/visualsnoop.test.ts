import { restrictTo } from '#src/access/restricted-visualsnoop.js';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { MemoryVisualSnoop } from '../fakes/memory-visualsnoop.js';
import { stageBuffer } from '../fakes/signature-facts.js';
import { VisualSnoopWireServer } from '../fakes/visualsnoop-wire-server.js';
import { describeVisualSnoop, EMBEDDED, OVER_THE_WIRE } from './visualsnoop-contract.js';

const collectionIds = ['0a0a0a0a', '6b7c9142'] as const;

/** Two collections under ids and keys that are known. */
function openMemory() {
  const visualsnoop = new MemoryVisualSnoop();
  const keys = collectionIds.map((collectionId) => {
    const collection = { collectionId, name: null, user: 'a@example.org' };
    const pair = {
      publicKey: `public ${collectionId}`.replace(' ', '-'),
      secretKey: `secret ${collectionId}`,
    };
    visualsnoop.addCollection({ collection, ...pair });
    return pair;
  });
  return { visualsnoop, keys };
}

describeVisualSnoop(
  'VisualSnoop in memory',
  async () => {
    const { visualsnoop } = openMemory();
    return { visualsnoop, collectionIds, stage: stageBuffer, dispose: async () => {} };
  },
  EMBEDDED,
);

describeVisualSnoop(
  'VisualSnoop in memory, over the wire',
  async () => {
    const { visualsnoop, keys } = openMemory();
    const server = await new VisualSnoopWireServer(visualsnoop, visualsnoop).listen();
    const client = createVisualSnoopClient({
      baseUrl: server.baseUrl,
      keys: keys.toReversed(),
      timeoutMs: 5_000,
    });
    const dispose = async () => {
      await client.close();
      await server.close();
    };
    return { visualsnoop: client, collectionIds, stage: stageBuffer, dispose };
  },
  OVER_THE_WIRE,
);

describeVisualSnoop(
  'VisualSnoop in memory, restricted to named collections',
  async () => {
    const { visualsnoop } = openMemory();
    await visualsnoop.createCollection({ name: 'Hidden' });
    const restricted = restrictTo([...collectionIds, 'ffffffff1', collectionIds[0]], visualsnoop);
    return { visualsnoop: restricted, collectionIds, stage: stageBuffer, dispose: async () => {} };
  },
  { ...EMBEDDED, createCollection: false },
);
