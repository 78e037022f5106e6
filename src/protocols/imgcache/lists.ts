import { PLAIN_JSON, sendJson } from '../../http/respond.js';
import type { RequestScope } from '../../request/request-scope.js';
import type { Entry } from '../../services/entry.js';
import type { ImgCache } from '../../services/imgcache.js';
import { readSearchQuery, readSimilarQuery } from './query.js';
import { type Page, queryOf } from './query-reader.js';
import type { WireRequest } from './request.js';
import { sendJsonArray } from './responses.js';

/** Writes entries as a protocol has them. */
type ToWire = (entries: readonly Entry[]) => Promise<object[]>;

/** Sends the entries with a text in a URL, oldest first. */
export async function sendSearch(
  { req, res, scope }: WireRequest,
  searches: Pick<ImgCache, 'search'>,
  toWire: ToWire,
): Promise<void> {
  const { filter, page } = readSearchQuery(queryOf(req.url ?? ''));
  const entries = searches.search({ filter, order: 'OLDEST_FIRST', ...upTo(page) }, scope.reads('IMGCACHE'));
  await sendJsonArray(res, pageOf(page, scope, entries, toWire));
}

/** Sends the entries that look like one with a hash, nearest first, each with its distance. */
export async function sendSimilar(
  { metrics, req, res, scope }: WireRequest,
  searches: Pick<ImgCache, 'similar'>,
  toWire: ToWire,
): Promise<void> {
  const { perceptualHash, maxHammingDistance, excessBits, page } = readSimilarQuery(queryOf(req.url ?? ''));
  metrics.onSimilar();
  if (maxHammingDistance < 0) return sendJson(res, 200, [], PLAIN_JSON);
  const matches = searches.similar(
    { perceptualHash, maxHammingDistance, ...upTo(page) },
    scope.reads('IMGCACHE'),
  );
  const rows = pageOf(page, scope, matches, async (batch) => {
    const entries = await toWire(batch.map(({ entry }) => entry));
    return entries.map((row, index) => ({
      ...row,
      hamming_distance: batch[index]!.hammingDistance + excessBits,
    }));
  });
  await sendJsonArray(res, rows);
}

/** How much of a list a page needs. */
function upTo({ offset, limit }: Page): { limit?: number } {
  return limit === undefined ? {} : { limit: Math.min(offset + limit, Number.MAX_SAFE_INTEGER) };
}

/** The rows of a page, batch by batch. */
async function* pageOf<T>(
  { offset }: Page,
  scope: RequestScope,
  batches: AsyncIterable<readonly T[]>,
  toWire: (batch: readonly T[]) => Promise<object[]>,
): AsyncGenerator<object[]> {
  let toSkip = offset;
  for await (const batch of batches) {
    const rows = await toWire(batch.slice(toSkip));
    // The time of a request is over when its response begins: how long the rest takes is up to the client.
    scope.liftDeadline();
    yield rows;
    toSkip = Math.max(0, toSkip - batch.length);
  }
}
