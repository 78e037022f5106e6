import { startGateway } from '../harness/gateway.js';
import { replayImgCache } from './imgcache-replay.js';

replayImgCache('The wire of a whole gateway', async () => {
  const gateway = await startGateway();
  return { url: `${gateway.url}/imgcache`, close: gateway.close };
});
