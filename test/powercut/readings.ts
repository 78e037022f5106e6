import { blake2b } from 'hash-wasm';
import { mapConcurrently } from '#src/request/map-concurrently.js';
import { post } from '../harness/gateway.js';
import { signedRequest, type Target } from './client.js';
import type { Content } from './ledger.js';

/** What each URL finds. */
export async function readEntries({ url }: Target, urls: readonly string[]): Promise<Map<string, Content>> {
  const found = new Map<string, Content>();
  for (let start = 0; start < urls.length; start += 100) {
    const page = urls.slice(start, start + 100);
    const body = JSON.stringify({
      query: 'query ($urls: [String!]!) { entriesByUrl(urls: $urls) { contentHash } }',
      variables: { urls: page },
    });
    const { data } = await post(url, body, { 'content-type': 'application/json' });
    for (const [index, each] of page.entries())
      found.set(each, data.entriesByUrl[index]?.contentHash ?? null);
  }
  return found;
}

/**
 * What each id stands for. The protocols only tell that it is there.
 * @param hashes by id, as the table has them
 */
export async function readImagesOf(
  target: Target,
  imageIds: readonly string[],
  hashes: ReadonlyMap<string, string>,
): Promise<Map<string, Content>> {
  const found = await mapConcurrently(imageIds, 8, async (imageId) => {
    const { status } = await signedRequest(target, 'GET', imageId);
    return [imageId, status === 200 ? (hashes.get(imageId) ?? 'no row') : null] as const;
  });
  return new Map(found);
}

/** @returns the hashes of entries whose bytes are not served as they were */
export async function readBytes({ url }: Target, contents: readonly Content[]): Promise<string[]> {
  const hashes = [...new Set(contents)].filter((hash) => hash !== null);
  const right = await mapConcurrently(hashes, 8, async (hash) => {
    const response = await fetch(`${url}/files/${hash}`);
    return (await blake2b(new Uint8Array(await response.arrayBuffer()), 256)) === hash;
  });
  return hashes.filter((_, index) => !right[index]);
}
