import { openTestEngine } from '../harness/engine.js';
import { describeImgCache } from './imgcache-contract.js';

describeImgCache('The embedded imgcache', async () => {
  const { imgcache, stage, close } = await openTestEngine();
  return { imgcache, stage, close };
});
