import { compareText } from '../../services/compare-text.js';
import type { Entry, EntryFilter, EntryPosition, EntryQuery } from '../../services/imgcache.js';

/** The entries of a list that a query selects: by its filter, in its order, behind its position, up to its limit. */
export function applyQuery(
  entries: readonly Entry[],
  { filter = {}, order, after, limit }: EntryQuery,
): Entry[] {
  const direction = order === 'NEWEST_FIRST' ? 1 : -1;
  const compare = (a: EntryPosition, b: EntryPosition) => direction * newestFirst(a, b);
  return entries
    .filter((entry) => matches(entry, filter) && (!after || compare(entry, after) > 0))
    .sort(compare)
    .slice(0, limit);
}

function newestFirst(a: EntryPosition, b: EntryPosition): number {
  return compareText(b.createdAt, a.createdAt) || compareText(a.contentHash, b.contentHash);
}

function matches(entry: Entry, filter: EntryFilter): boolean {
  const { urlContains, clientName, contentType, createdFrom, createdBefore } = filter;
  return (
    (urlContains === undefined || hasUrlWith(entry, urlContains)) &&
    (clientName === undefined || entry.clientName === clientName) &&
    (contentType === undefined || entry.contentType === contentType) &&
    (createdFrom === undefined || entry.createdAt >= createdFrom) &&
    (createdBefore === undefined || entry.createdAt < createdBefore)
  );
}

/** Whether an entry has such a URL; where its URLs are too many to be sent, the service has searched all of them. */
function hasUrlWith({ url, urls = [url] }: Entry, part: string): boolean {
  return urls === null || urls.some((some) => containsText(some, part));
}

function containsText(text: string, part: string): boolean {
  return lowerAscii(text).includes(lowerAscii(part));
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
