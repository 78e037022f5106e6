import { describe } from 'vitest';
import { openTestEngine } from '../harness/engine.js';
import { isLong, titleOfLong } from '../harness/repetitions.js';
import { describeImgCache, type ImgCacheSubject } from './imgcache-contract.js';
import { imgCacheOverTheWire } from './over-the-wire.js';

async function startRemote(hops: number): Promise<ImgCacheSubject> {
  const engine = await openTestEngine();
  const remote = await imgCacheOverTheWire(engine, hops);
  return {
    imgcache: remote.service,
    stage: engine.stage,
    async close() {
      await remote.close();
      await engine.close();
    },
  };
}

describeImgCache('The remote imgcache before the wire of an embedded one', () => startRemote(1));
describe.skipIf(!isLong)(titleOfLong('the contract over two wires'), () => {
  describeImgCache('The remote imgcache before the wire of another remote one', () => startRemote(2));
});
