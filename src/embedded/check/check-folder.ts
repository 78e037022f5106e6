import { checkBytes } from './bytes.js';
import { checkCollections } from './collections.js';
import { checkCounts } from './counts.js';
import { checkDatabase } from './database.js';
import { checkDeletions } from './deletions.js';
import { checkDescriptors } from './descriptors.js';
import type { Check, CheckedFolder, Finding } from './finding.js';
import { checkHashes } from './hashes.js';
import { checkStrayFiles } from './stray-files.js';
import { checkUrls } from './urls.js';

/** Each may rely on what those before it have repaired. */
const CHECKS: readonly Check[] = [
  checkCollections,
  checkUrls,
  checkDeletions,
  checkBytes,
  checkCounts,
  checkStrayFiles,
  checkHashes,
  checkDescriptors,
];

/**
 * Everything in a data folder that is not as it should be. What is repaired before the next finding is asked for is not
 * found again under another name. What is being written meanwhile is no finding.
 */
export async function* checkFolder(folder: CheckedFolder): AsyncGenerator<Finding> {
  const reliable = yield* checkDatabase(folder);
  if (!reliable) return;
  for (const check of CHECKS) yield* check(folder);
}
