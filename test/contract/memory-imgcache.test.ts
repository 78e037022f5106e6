import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { tinyPictureFacts } from '../fakes/tiny-picture.js';
import { describeImgCache } from './imgcache-contract.js';

describeImgCache('The imgcache in memory', async () => ({
  imgcache: new MemoryImgCache(),
  stage: (bytes) => stageBytes(bytes, (_, all) => tinyPictureFacts(all)),

  close: async () => {},
}));
