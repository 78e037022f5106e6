import { describe } from 'vitest';
import { createImgCacheClient } from '#src/remote/imgcache/client.js';
import { CacheServer } from '../fakes/cache-server.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { takingAnything } from '../fakes/taking-anything.js';
import { tinyPictureFacts } from '../fakes/tiny-picture.js';
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

/** Over what stands for the server that its author runs today, which takes also what is no image. */
async function startToday(): Promise<ImgCacheSubject> {
  const server = await CacheServer.start({ takesAnything: true });
  const imgcache = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000 });
  return {
    imgcache,
    stage: (bytes) => stageBytes(bytes, (_, all) => tinyPictureFacts(all)),
    async close() {
      await imgcache.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Over our own wire of the newer protocol. */
async function startNewer(hops: number): Promise<ImgCacheSubject> {
  const engine = await openTestEngine();
  const remote = await imgCacheOverTheWire(takingAnything(engine), hops, {
    dialect: 'CACHE',
    bucket: 'parts',
  });
  return {
    imgcache: remote.service,
    stage: engine.stage,
    async close() {
      await remote.close();
      await engine.close();
    },
  };
}

describeImgCache('The remote imgcache with /cache', startToday, {
  dropsUrls: true,
  dropsOrigin: true,
  lacksNotes: true,
  newerRules: true,
});
describeImgCache('The remote imgcache before the wire of an embedded one', () => startRemote(1), {
  lacksBuckets: true,
});
describeImgCache('The remote imgcache before the newer wire of an embedded one', () => startNewer(1), {
  newerRules: true,
});
describe.skipIf(!isLong)(titleOfLong('the contract over two wires'), () => {
  describeImgCache('The remote imgcache before the wire of another remote one', () => startRemote(2), {
    lacksBuckets: true,
  });
  describeImgCache('The remote imgcache before the newer wire of another remote one', () => startNewer(2), {
    newerRules: true,
  });
});
