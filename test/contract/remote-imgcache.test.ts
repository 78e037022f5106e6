import { openTestEngine } from '../harness/engine.js';
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
describeImgCache('The remote imgcache before the wire of another remote one', () => startRemote(2));
