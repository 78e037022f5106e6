import { MemoryBuckets } from '../fakes/memory-buckets.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { tinyPictureFacts } from '../fakes/tiny-picture.js';
import { describeImgCache } from './imgcache-contract.js';

const stage = (bytes: Buffer) => stageBytes(bytes, (_, all) => tinyPictureFacts(all));

describeImgCache(
  'The imgcache in memory',
  async () => ({ imgcache: new MemoryImgCache(), stage, close: async () => {} }),
  { lacksBuckets: true },
);
describeImgCache('The imgcache in memory, with buckets', async () => ({
  imgcache: new MemoryBuckets(),
  stage,
  close: async () => {},
}));
