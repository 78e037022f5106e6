import type { CallSignal } from '../../../services/call-signal.js';
import { isContentHash } from '../../../services/content-hash.js';
import type { ImgCache } from '../../../services/imgcache.js';

/**
 * The names that bytes have in this protocol: their BLAKE3 where the service knows it, else the content hash that the service
 * itself has for them.
 */
export async function wireHashesOf(
  imgcache: ImgCache,
  contentHashes: readonly string[],
  signal: CallSignal,
): Promise<string[]> {
  if (!imgcache.getBlake3 || contentHashes.length === 0) return [...contentHashes];
  const known = await imgcache.getBlake3(contentHashes, signal);
  return contentHashes.map((contentHash, index) => known[index] ?? contentHash);
}

/** The content hash that the service has for bytes, by either name; null where the text names none. */
export async function contentHashOf(
  imgcache: ImgCache,
  hash: string,
  signal: CallSignal,
): Promise<string | null> {
  if (!isContentHash(hash)) return null;
  const [known] = (await imgcache.findByBlake3?.([hash], signal)) ?? [];
  return known ?? hash;
}
