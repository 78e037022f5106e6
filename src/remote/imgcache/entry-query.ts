import { compareText } from '../../services/compare-text.js';
import type { Entry } from '../../services/entry.js';
import { compareEntries } from '../../services/entry-order.js';
import type { ClientCount, ClientQuery, EntryFilter, EntryQuery } from '../../services/entry-query.js';
import { lowerAscii } from '../../services/lower-ascii.js';
import { urlHost } from '../../services/url-host.js';

/** The entries of a list that a query selects: by its filter, in its order, between its positions, up to its limit. */
export function applyQuery(
  entries: readonly Entry[],
  { filter = {}, order, after, before, limit }: EntryQuery,
): Entry[] {
  return entries
    .filter(
      (entry) =>
        matches(entry, filter) &&
        (!after || compareEntries(order, entry, after) > 0) &&
        (!before || compareEntries(order, entry, before) < 0),
    )
    .sort((a, b) => compareEntries(order, a, b))
    .slice(0, limit);
}

/** Whether a filter selects an entry. */
export function matches(entry: Entry, filter: EntryFilter): boolean {
  return matchesUrls(entry, filter) && matchesFacts(entry, filter) && matchesOrigin(entry, filter);
}

function matchesOrigin(
  { clientName: client, createdAt, prefix: filed }: Entry,
  { clientName, clientNames, createdFrom, createdBefore, prefix }: EntryFilter,
): boolean {
  return (
    (prefix === undefined || filed === prefix) &&
    (clientName === undefined || client === clientName) &&
    (clientNames === undefined || clientNames.includes(client)) &&
    (createdFrom === undefined || createdAt >= createdFrom) &&
    (createdBefore === undefined || createdAt < createdBefore)
  );
}

function matchesFacts(
  { contentType: type, width, height, perceptualHash }: Entry,
  { contentType, contentTypes, minWidth, minHeight, hasPerceptualHash }: EntryFilter,
): boolean {
  return (
    (contentType === undefined || type === contentType) &&
    (contentTypes === undefined || contentTypes.some((asked) => isOfType(type, asked))) &&
    (minWidth === undefined || (width !== null && width >= minWidth)) &&
    (minHeight === undefined || (height !== null && height >= minHeight)) &&
    (hasPerceptualHash === undefined || (perceptualHash !== null) === hasPerceptualHash)
  );
}

function isOfType(type: string, asked: string): boolean {
  return asked.endsWith('/*') ? type.startsWith(asked.slice(0, -1)) : type === asked;
}

/** Where the URLs of an entry are too many to be sent, the service has searched all of them. */
function matchesUrls({ url, urls = [url] }: Entry, { urlContains, urlHost: host }: EntryFilter): boolean {
  if (urls === null) return true;
  return (
    (urlContains === undefined || urls.some((some) => containsText(some, urlContains))) &&
    (host === undefined || urls.some((some) => urlHost(some) === lowerAscii(host)))
  );
}

function containsText(text: string, part: string): boolean {
  return lowerAscii(text).includes(lowerAscii(part));
}

/** The clients of a list, those with the most entries first, then by name. */
export function countClients(entries: readonly Entry[], { startsWith, limit }: ClientQuery): ClientCount[] {
  const counts = new Map<string, number>();
  for (const { clientName } of entries)
    if (clientName.startsWith(startsWith)) counts.set(clientName, (counts.get(clientName) ?? 0) + 1);
  return Array.from(counts, ([name, entryCount]) => ({ name, entryCount }))
    .sort((a, b) => b.entryCount - a.entryCount || compareText(a.name, b.name))
    .slice(0, limit);
}
