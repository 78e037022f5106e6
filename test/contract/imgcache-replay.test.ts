import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { MemoryStaging, NO_PICTURE } from '../fakes/memory-staging.js';
import { startWireServer } from '../fakes/wire-server.js';
import { golden } from '../harness/gateway.js';
import { replayImgCache } from './imgcache-replay.js';
import { REPLAYED_BYTES } from './imgcache-replay-bytes.js';

const MPO = golden('odd/mpo.jpg');
const factsByHash = new Map(
  [...REPLAYED_BYTES].map(([recordedHash, { contentHash, facts }]) => [
    contentHash,
    recordedHash === MPO.blake2b256 ? { ...facts, contentType: 'image/jpeg' } : facts,
  ]),
);

replayImgCache('The wire over an imgcache in memory', () =>
  startWireServer({
    imgcache: new MemoryImgCache(),
    staging: new MemoryStaging((contentHash) => factsByHash.get(contentHash) ?? NO_PICTURE),
  }),
);
