import { openTestEngine } from '../harness/engine.js';
import { visualSnoopOverTheWire } from './over-the-wire.js';
import { describeVisualSnoop, EMBEDDED, OVER_THE_WIRE } from './visualsnoop-contract.js';

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
  EMBEDDED,
);

describeVisualSnoop(
  'The embedded VisualSnoop, over the wire',
  async () => {
    const { engine, keys, collectionIds } = await openTwoCollections();
    const remote = await visualSnoopOverTheWire(engine, keys);
    const dispose = async () => {
      await remote.close();
      await engine.close();
    };
    return { visualsnoop: remote.service, collectionIds, stage: engine.stage, dispose };
  },
  OVER_THE_WIRE,
);
