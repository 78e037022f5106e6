import { createImgCacheClient } from '#src/services/imgcache/client.js';
import { startWireServer } from '../fakes/wire-server.js';
import { openTestEngine } from '../harness/engine.js';
import { describeImgCache } from './imgcache-contract.js';

describeImgCache('The remote imgcache before the wire of an embedded one', async () => {
  const engine = await openTestEngine();
  const server = await startWireServer(engine);
  const client = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000 });
  return {
    imgcache: client,
    stage: engine.stage,
    remembersAllUrls: false,
    async close() {
      await client.close();
      await server.close();
      await engine.close();
    },
  };
});
