import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { MemoryStaging, NO_PICTURE } from '../fakes/memory-staging.js';
import { startWireServer } from '../fakes/wire-server.js';
import { replayImgCache } from './imgcache-replay.js';
import { REPLAYED_BYTES } from './imgcache-replay-bytes.js';

const factsByHash = new Map(
  [...REPLAYED_BYTES.values()].map(({ contentHash, facts }) => [contentHash, facts]),
);

replayImgCache('The wire over an imgcache in memory', () =>
  startWireServer({
    imgcache: new MemoryImgCache(),
    staging: new MemoryStaging((contentHash) => factsByHash.get(contentHash) ?? NO_PICTURE),
  }),
);
