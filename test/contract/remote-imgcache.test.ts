import { createImgCacheClient } from '#src/remote/imgcache/client.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { startWireServer } from '../fakes/wire-server.js';
import { openTestEngine } from '../harness/engine.js';
import { describeImgCache, type ImgCacheSubject } from './imgcache-contract.js';

/** An embedded imgcache, seen over the wire so many times. */
async function startRemote(hops: number): Promise<ImgCacheSubject> {
  const engine = await openTestEngine();
  const closing = [() => engine.close()];
  let imgcache: ImgCache = engine.imgcache;
  for (let hop = 0; hop < hops; hop++) {
    const server = await startWireServer({ imgcache, staging: engine.staging });
    const client = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000 });
    closing.push(server.close, client.close);
    imgcache = client;
  }
  return {
    imgcache,
    stage: engine.stage,
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
}

describeImgCache('The remote imgcache before the wire of an embedded one', () => startRemote(1));
describeImgCache('The remote imgcache before the wire of another remote one', () => startRemote(2));
