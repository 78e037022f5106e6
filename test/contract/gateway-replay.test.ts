import { startGateway } from '../harness/gateway.js';
import { replayNewerImgCache } from './imgcache-newer-replay.js';
import { replayImgCache } from './imgcache-replay.js';

async function start() {
  const gateway = await startGateway();
  return { url: `${gateway.url}/imgcache`, close: gateway.close };
}

replayImgCache('The wire of a whole gateway', start);
replayNewerImgCache('The newer wire of a whole gateway', start);
