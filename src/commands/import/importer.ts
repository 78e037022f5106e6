import type { StoreStatus } from '../../services/entry-origin.js';
import { isLine, isStorable } from '../../services/storable-text.js';
import { allOf, groupBy, inBatches, split } from './batches.js';
import { type Bytes, blake3Of, readBytes } from './bytes.js';
import type { FetchPicture } from './fetch-picture.js';
import { type Item, ItemError, type Outcome, type Result } from './item.js';
import { patiently } from './patiently.js';
import type { Known, ReadItem, Target } from './target.js';
import { Turns } from './turns.js';

export interface ImporterOptions {
  target: Target;
  /** Who found the pictures, where their list does not say. */
  clientName: string;
  /** How many are read and sent at a time. */
  concurrency: number;
  /** Only says what would be done. */
  dryRun: boolean;
  /** Null where nothing is fetched. */
  fetchPicture: FetchPicture | null;
  onResult(result: Result): void | Promise<void>;
  /** No further item is begun then; those under way are finished. */
  signal: AbortSignal;
}

const MAX_URL_BYTES = 8192;

/** How many batches are under way: while one is sent the next is read. */
const BATCHES = 2;

const OUTCOME_OF: Readonly<Record<StoreStatus, Outcome>> = {
  CREATED: 'STORED',
  URL_ADDED: 'URL_ADDED',
  UNCHANGED: 'THERE',
};

/**
 * Brings items into a target: reads each, asks for a hundred at once what is there, and sends what is not. What is there is
 * all the state that there is, so that a run which was broken off goes on when it is started again.
 */
export class Importer {
  readonly #options: ImporterOptions;
  readonly #target: Target;
  readonly #reading: Turns;
  readonly #sending: Turns;
  /** The last store of each content hash: copies are stored in their order, so that the first URL is the same each time. */
  readonly #storing = new Map<string, Promise<unknown>>();
  readonly #wouldBeStored = new Set<string>();
  /** Aborted by what ends the whole import. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: ImporterOptions) {
    this.#options = options;
    this.#target = options.target;
    this.#reading = new Turns(options.concurrency);
    this.#sending = new Turns(options.concurrency);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  /** @throws what ends the whole import, as a target that cannot be reached any more */
  async run(items: AsyncIterable<Item>): Promise<void> {
    const running = new Set<Promise<void>>();
    let previous: Promise<unknown> = Promise.resolve();
    const begin = (batch: readonly Item[]) => {
      const prepared = this.#prepare(batch);
      // Batches begin to send in their order, so that copies are stored in theirs.
      const begun = Promise.all([prepared, previous]).then(([ready]) => ({ sent: this.#send(ready) }));
      previous = begun.catch(() => {});
      const work = begun.then(({ sent }) => sent).catch((error: unknown) => this.#stop.abort(error));
      running.add(work);
      void work.then(() => running.delete(work));
    };
    for await (const batch of inBatches(items)) {
      if (running.size === BATCHES) await Promise.race(running);
      if (this.#signal.aborted) break;
      begin(batch);
    }
    await Promise.all(running);
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
  }

  /** Reads a batch, and asks what of it is there. */
  async #prepare(items: readonly Item[]): Promise<Prepared> {
    const missing = await this.#withoutKnownUrls(items);
    const reads = await allOf(missing.map((item) => this.#reading.run(() => this.#read(item))));
    const pictures = reads.filter((read) => read !== null);
    const known = new Map<string, Known | null>();
    for (const [bucket, inBucket] of groupBy(pictures, ({ item }) => item.bucket)) {
      const hashes = [...new Set(inBucket.map(({ bytes }) => bytes.contentHash))];
      const found = await patiently(() => this.#target.find(hashes, bucket));
      for (const [at, hash] of hashes.entries()) known.set(nameOf(bucket, hash), found[at]!);
    }
    return { pictures, known };
  }

  /** Leaves out what would be fetched although its URL has an entry. */
  async #withoutKnownUrls(items: readonly Item[]): Promise<readonly Item[]> {
    const there = new Set<Item>();
    const fetched = items.filter(({ path }) => path === null);
    for (const [bucket, inBucket] of groupBy(fetched, (item) => item.bucket)) {
      const urls = inBucket.map(({ url }) => url);
      const known = await patiently(() => this.#target.hasUrls(urls, bucket));
      for (const [at, item] of inBucket.entries()) if (known[at]) there.add(item);
    }
    for (const item of there) await this.#tell({ item, outcome: 'THERE', contentHash: null });
    return items.filter((item) => !there.has(item));
  }

  /** Null for what is not sent, which is told then. */
  async #read(item: Item): Promise<Picture | null> {
    const { clientName } = this.#options;
    if (this.#signal.aborted) return null;
    let contentHash: string | null = null;
    try {
      const isRestored = this.#isRestored(item);
      requireUrl(item, isRestored);
      const { bytes, dispose } = await this.#open(item);
      contentHash = bytes.contentHash;
      const picture = { item, clientName: item.clientName ?? clientName, bytes, dispose };
      if (isRestored || bytes.contentType !== null) return picture;
      await dispose?.();
      await this.#tell({ item, outcome: 'NO_PICTURE', contentHash });
    } catch (error) {
      if (this.#signal.aborted) return null;
      await this.#fail(item, contentHash, error);
    }
    return null;
  }

  /** Whether it is stored as it was elsewhere, whatever it is. */
  #isRestored({ createdAt }: Item): boolean {
    return createdAt !== undefined && this.#target.restores;
  }

  async #open(item: Item): Promise<{ bytes: Bytes; dispose?: () => Promise<void> }> {
    const { fetchPicture, dryRun } = this.#options;
    if (item.path === null) {
      if (!fetchPicture) throw new ItemError('It has no file, and URLs are fetched with --fetch only.');
      if (dryRun) throw new ItemError('It has to be fetched, which a dry run does not do.');
      const { path, dispose } = await fetchPicture(item.url, this.#signal);
      return { bytes: await readBytes(path, this.#signal), dispose };
    }
    const bytes = await readBytes(item.path, this.#signal);
    const isRight =
      (item.contentHash === undefined || item.contentHash === bytes.contentHash) &&
      (item.blake3 === undefined || item.blake3 === (await blake3Of(item.path)));
    if (!isRight)
      throw new ItemError('The bytes are not those that the list or the database has the hash of.');
    return { bytes };
  }

  async #send({ pictures, known }: Prepared): Promise<void> {
    const [members, missing] = split(pictures, (picture) => isEntryOf(picture, known));
    const [there, joining] = split(members, (picture) => known.get(keyOf(picture))!.inCollection);
    const stores = missing.map((picture) => this.#store(picture, known.get(keyOf(picture)) ?? null));
    const tells = there.map(({ item, bytes }) =>
      this.#tell({ item, outcome: 'THERE', contentHash: bytes.contentHash }),
    );
    try {
      const joins = [...groupBy(joining, ({ item }) => item.bucket).values()].map((each) => this.#join(each));
      await allOf([...stores, ...tells, ...joins]);
    } finally {
      await Promise.all(pictures.map(({ dispose }) => dispose?.()));
    }
  }

  /** Adds what has an entry in one bucket already to the collection. */
  async #join(pictures: readonly Picture[]): Promise<void> {
    const added = this.#options.dryRun
      ? pictures.map(() => null)
      : await this.#sending.run(() => patiently(() => this.#target.addToCollection(pictures)));
    for (const [at, { item, bytes }] of pictures.entries()) {
      const problem = added[at];
      if (problem) await this.#fail(item, bytes.contentHash, problem);
      else await this.#tell({ item, outcome: 'ADDED_TO_COLLECTION', contentHash: bytes.contentHash });
    }
  }

  async #store(picture: Picture, known: Known | null): Promise<void> {
    const { contentHash } = picture.bytes;
    const before = this.#storing.get(contentHash);
    const store = async () => {
      await before;
      await this.#sending.run(() => this.#storeInTurn(picture, known));
    };
    const storing = store();
    const settled = storing.catch(() => {});
    this.#storing.set(contentHash, settled);
    void settled.then(() => {
      if (this.#storing.get(contentHash) === settled) this.#storing.delete(contentHash);
    });
    await storing;
  }

  async #storeInTurn(picture: Picture, known: Known | null): Promise<void> {
    const { item, bytes } = picture;
    const { contentHash } = bytes;
    if (this.#signal.aborted) return;
    if (this.#options.dryRun) return this.#tellOfDryRun(picture, known);
    try {
      const status = await patiently(() => this.#target.store(picture));
      await this.#tell({ item, outcome: OUTCOME_OF[status], contentHash });
    } catch (error) {
      await this.#fail(item, contentHash, error);
    }
  }

  async #tellOfDryRun(picture: Picture, known: Known | null): Promise<void> {
    const key = keyOf(picture);
    const isNew = !known && !this.#wouldBeStored.has(key);
    this.#wouldBeStored.add(key);
    const { item, bytes } = picture;
    await this.#tell({ item, outcome: isNew ? 'STORED' : 'URL_ADDED', contentHash: bytes.contentHash });
  }

  async #fail(item: Item, contentHash: string | null, error: unknown): Promise<void> {
    if (!(error instanceof ItemError)) throw error;
    await this.#tell({ item, outcome: 'FAILED', contentHash, problem: error.message });
  }

  async #tell(result: Result): Promise<void> {
    await this.#options.onResult(result);
  }
}

/** A batch that was read, and what is there of it. */
interface Prepared {
  pictures: readonly Picture[];
  /** By bucket and content hash. */
  known: ReadonlyMap<string, Known | null>;
}

/** Something to send, and how it goes when it was fetched. */
interface Picture extends ReadItem {
  dispose?: (() => Promise<void>) | undefined;
}

function isEntryOf(picture: Picture, known: ReadonlyMap<string, Known | null>): boolean {
  return known.get(keyOf(picture))?.urls.has(picture.item.url) ?? false;
}

function keyOf({ item, bytes }: Picture): string {
  return nameOf(item.bucket, bytes.contentHash);
}

/** Names an entry. */
function nameOf(bucket: string | undefined, contentHash: string): string {
  return `${contentHash} ${bucket ?? ''}`;
}

/** @throws ItemError for a URL that cannot be kept; what is restored may have any that a database keeps */
function requireUrl({ url }: Item, isRestored: boolean): void {
  if (!isStorable(url) || (!isRestored && !isLine(url)))
    throw new ItemError('The URL has control characters or broken Unicode.');
  if (!isRestored && Buffer.byteLength(url) > MAX_URL_BYTES)
    throw new ItemError(`The URL has more than ${MAX_URL_BYTES} bytes.`);
}
