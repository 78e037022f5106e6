import { Readable } from 'node:stream';
import type { ByteRange, Entry, EntryBytes, EntryMatch } from '#src/services/entry.js';
import { compareEntries } from '#src/services/entry-order.js';
import type { EntryOrigin, StoreStatus } from '#src/services/entry-origin.js';
import type {
  ClientCount,
  ClientQuery,
  EntryFilter,
  EntryQuery,
  SimilarQuery,
} from '#src/services/entry-query.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { originalFilename } from '#src/services/original-filename.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { now } from '#src/services/timestamp.js';
import { urlHost } from '#src/services/url-host.js';

const BATCH = 100;

/** An imgcache over Maps: every rule of the interface in its plainest form, to measure other implementations by. */
export class MemoryImgCache implements ImgCache {
  readonly mode = 'EMBEDDED';
  readonly #bucket: string | null;
  readonly #entries = new Map<string, Entry>();
  readonly #urls = new Map<string, string[]>();
  readonly #bytes = new Map<string, Buffer>();

  /**
   * @param bucket where it is one of several
   * @default there are none
   */
  constructor(bucket: string | null = null) {
    this.#bucket = bucket;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  async getMeta(contentHashes: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    return contentHashes.map((hash) => this.#entries.get(hash) ?? null);
  }

  async lookup(urls: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const newestFirst = this.#newestFirst();
    return urls.map((url) => newestFirst.find((entry) => this.#urlsOf(entry).includes(url)) ?? null);
  }

  async getUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<(readonly string[])[]> {
    signal?.throwIfAborted();
    return contentHashes.map((hash) => this.#urls.get(hash) ?? []);
  }

  async getFewUrls(
    entries: readonly Entry[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<(readonly string[] | null)[]> {
    signal?.throwIfAborted();
    return entries.map(({ contentHash, url }) => {
      const urls = this.#urls.get(contentHash) ?? [url];
      return urls.length > limit ? null : urls;
    });
  }

  async countUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<number[]> {
    signal?.throwIfAborted();
    return contentHashes.map((hash) => this.#urls.get(hash)?.length ?? 0);
  }

  async *search(query: EntryQuery, signal?: AbortSignal): AsyncGenerator<readonly Entry[]> {
    const all = [...this.#entries.values()].map((entry) => ({ entry, urls: this.#urlsOf(entry) }));
    const found = selectEntries(all, query);
    yield* inBatches(
      found.map(({ entry }) => entry),
      signal,
    );
  }

  async count(filter: EntryFilter, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return [...this.#entries.values()].filter((entry) => matches(entry, this.#urlsOf(entry), filter)).length;
  }

  async listClients({ startsWith, limit }: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]> {
    signal?.throwIfAborted();
    const clients = [...this.#entries.values()].map(({ clientName }) => clientName);
    return [...new Set(clients)]
      .filter((name) => name.startsWith(startsWith))
      .map((name) => ({ name, entryCount: clients.filter((other) => other === name).length }))
      .sort((a, b) => b.entryCount - a.entryCount || compare(a.name, b.name))
      .slice(0, limit);
  }

  async *similar(query: SimilarQuery, signal?: AbortSignal): AsyncGenerator<readonly EntryMatch[]> {
    const { perceptualHash, maxHammingDistance, limit } = query;
    const found: EntryMatch[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.perceptualHash === null) continue;
      const hammingDistance = distanceBetween(entry.perceptualHash, perceptualHash);
      if (hammingDistance <= maxHammingDistance) found.push({ entry, hammingDistance });
    }
    found.sort(
      (a, b) =>
        a.hammingDistance - b.hammingDistance ||
        compare(a.entry.createdAt, b.entry.createdAt) ||
        compare(a.entry.contentHash, b.entry.contentHash),
    );
    yield* inBatches(found.slice(0, limit), signal);
  }

  async getBytes(contentHash: string, range?: ByteRange, signal?: AbortSignal): Promise<EntryBytes | null> {
    signal?.throwIfAborted();
    const entry = this.#entries.get(contentHash);
    const bytes = this.#bytes.get(contentHash);
    if (!entry || !bytes) return null;
    const wanted = range ? bytes.subarray(range.start, range.end + 1) : bytes;
    return {
      stream: Readable.from(wanted.length > 0 ? [wanted] : []),
      fileSizeBytes: entry.fileSizeBytes,
      contentType: entry.contentType,
    };
  }

  async store(
    image: StagedImage,
    origin: EntryOrigin,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    signal?.throwIfAborted();
    const facts = await image.facts();
    const bytes = Buffer.concat(await image.stream().toArray());
    const known = this.#entries.get(image.contentHash);
    if (known) {
      const existing = origin.notesRetrieval ? { ...known, retrievedAt: now() } : known;
      this.#entries.set(image.contentHash, existing);
      const urls = this.#urlsOf(existing);
      if (urls.includes(origin.url)) return { entry: existing, status: 'UNCHANGED' };
      this.#urls.set(existing.contentHash, [...urls, origin.url]);
      const entry = { ...existing, urls: null };
      this.#entries.set(entry.contentHash, entry);
      return { entry, status: 'URL_ADDED' };
    }
    const entry: Entry = {
      contentHash: image.contentHash,
      url: origin.url,
      contentType: facts.contentType,
      fileSizeBytes: image.size,
      originalFilename: origin.filename ?? originalFilename(origin.url),
      width: facts.width,
      height: facts.height,
      perceptualHash: facts.perceptualHash,
      clientName: origin.clientName,
      lookupTime: origin.lookupTime ?? now(),
      createdAt: now(),
      ...(this.#bucket !== null && {
        prefix: origin.prefix ?? null,
        meta: origin.meta ?? null,
        retrievedAt: origin.notesRetrieval ? now() : null,
      }),
      ...(this.#bucket && { bucket: this.#bucket }),
    };
    this.#entries.set(entry.contentHash, entry);
    this.#urls.set(entry.contentHash, [entry.url]);
    this.#bytes.set(entry.contentHash, bytes);
    return { entry, status: 'CREATED' };
  }

  async delete(contentHash: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    this.#bytes.delete(contentHash);
    this.#urls.delete(contentHash);
    return this.#entries.delete(contentHash);
  }

  async health(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
  }

  #urlsOf({ contentHash }: Entry): readonly string[] {
    return this.#urls.get(contentHash)!;
  }

  #newestFirst(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => compareEntries('NEWEST_FIRST', a, b));
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a query selects of entries with their URLs, said plainly: what other implementations are measured by. */
export function selectEntries<Known extends { entry: Entry; urls: readonly string[] }>(
  all: readonly Known[],
  { filter = {}, order, after, before, limit }: EntryQuery,
): Known[] {
  return all
    .filter(({ entry, urls }) => matches(entry, urls, filter))
    .filter(({ entry }) => !after || compareEntries(order, entry, after) > 0)
    .filter(({ entry }) => !before || compareEntries(order, entry, before) < 0)
    .sort((a, b) => compareEntries(order, a.entry, b.entry))
    .slice(0, limit);
}

export function matches(entry: Entry, urls: readonly string[], filter: EntryFilter): boolean {
  const conditions: { [Key in keyof Required<EntryFilter>]: (value: Required<EntryFilter>[Key]) => boolean } =
    {
      urlContains: (part) => urls.some((url) => lower(url).includes(lower(part))),
      urlHost: (host) => urls.some((url) => urlHost(url) === lower(host)),
      clientName: (name) => entry.clientName === name,
      clientNames: (names) => names.includes(entry.clientName),
      contentType: (type) => entry.contentType === type,
      contentTypes: (types) =>
        types.some((type) =>
          type.endsWith('/*') ? entry.contentType.startsWith(type.slice(0, -1)) : entry.contentType === type,
        ),
      createdFrom: (time) => entry.createdAt >= time,
      createdBefore: (time) => entry.createdAt < time,
      minWidth: (min) => entry.width !== null && entry.width >= min,
      minHeight: (min) => entry.height !== null && entry.height >= min,
      hasPerceptualHash: (has) => (entry.perceptualHash !== null) === has,
      prefix: (prefix) => entry.prefix === prefix,
    };
  // Each condition has the type of the value under its own name.
  return Object.entries(filter).every(
    ([key, value]) => value === undefined || conditions[key as keyof EntryFilter](value as never),
  );
}

/** ASCII letters only. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function distanceBetween(a: string, b: string): number {
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;
}

async function* inBatches<T>(items: readonly T[], signal?: AbortSignal): AsyncGenerator<readonly T[]> {
  signal?.throwIfAborted();
  for (let start = 0; start < items.length; start += BATCH) {
    yield items.slice(start, start + BATCH);
    signal?.throwIfAborted();
  }
}
