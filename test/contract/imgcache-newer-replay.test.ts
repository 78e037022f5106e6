import { CacheServer } from '../fakes/cache-server.js';
import { MemoryBuckets } from '../fakes/memory-buckets.js';
import { MemoryStaging } from '../fakes/memory-staging.js';
import { tinyPictureFacts } from '../fakes/tiny-picture.js';
import { startWireServer } from '../fakes/wire-server.js';
import { openTestEngine } from '../harness/engine.js';
import { replayNewerImgCache } from './imgcache-newer-replay.js';
import { imgCacheOverTheWire } from './over-the-wire.js';

replayNewerImgCache('What stands for the newer imgcache in tests', async () => {
  const server = await CacheServer.start();
  return { url: server.url, close: () => server[Symbol.asyncDispose]() };
}, []);

replayNewerImgCache('The newer wire over an imgcache in memory', () => {
  const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  return startWireServer({ imgcache: new MemoryBuckets(), staging });
});

replayNewerImgCache('The newer wire over an embedded imgcache', async () => {
  const engine = await openTestEngine();
  const server = await startWireServer(engine);
  return {
    url: server.url,
    async close() {
      await server.close();
      await engine.close();
    },
  };
});

replayNewerImgCache('The newer wire over a remote imgcache before that of an embedded one', async () => {
  const engine = await openTestEngine();
  const remote = await imgCacheOverTheWire(engine, 1, { dialect: 'CACHE', bucket: 'own' });
  const server = await startWireServer({ imgcache: remote.service, staging: engine.staging });
  return {
    url: server.url,
    async close() {
      await server.close();
      await remote.close();
      await engine.close();
    },
  };
});
