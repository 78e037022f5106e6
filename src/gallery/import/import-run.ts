import { signal } from '@preact/signals';
import { ask, change, failuresIn, wordsOf } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import {
  AddEntriesToCollectionDocument,
  IngestImageDocument,
  KnownEntriesDocument,
  StoreEntryDocument,
} from '../generated.js';
import type { FoundFile } from './files.js';
import { type Hasher, openHasher } from './hasher.js';

/** As many are asked about at once, which is what a query takes. */
const ASKED = 100;
/** As many are sent at a time. */
const SENT = 3;

export type ItemState = 'waiting' | 'known' | 'stored' | 'failed';

export interface Item extends FoundFile {
  state: ItemState;
  contentHash: string | null;
  /** Why it failed. */
  problem: string | null;
}

export interface ImportOptions {
  /** What stands in front of the path of each file, as where it is from. */
  urlPrefix: string;
  clientName: string;
  /** Empty for none. */
  collectionId: string;
}

/** What the page imports. It goes on while other views are shown. */
export const items = signal<readonly Item[]>([]);
export const isRunning = signal(false);
export const isPaused = signal(false);
/** Rises with each change of an item. */
export const progress = signal(0);

export function addFiles(found: readonly FoundFile[]): void {
  const added = found.map((each): Item => ({ ...each, state: 'waiting', contentHash: null, problem: null }));
  items.value = [...items.value, ...added];
}

export function clearItems(): void {
  items.value = [];
}

export function retryFailed(): void {
  for (const item of items.value) if (item.state === 'failed') item.state = 'waiting';
  progress.value++;
}

/** Imports all that waits: what imgcache has is not sent. It is safe to repeat and to break off. */
export async function runImport(options: ImportOptions): Promise<void> {
  if (isRunning.value) return;
  isRunning.value = true;
  isPaused.value = false;
  const hasher = openHasher();
  try {
    for (;;) {
      const part = items.value.filter(({ state }) => state === 'waiting').slice(0, ASKED);
      if (part.length === 0 || isPaused.value) break;
      await importPart(part, hasher, options);
    }
  } finally {
    hasher.close();
    isRunning.value = false;
  }
  void queryClient.resetQueries({ queryKey: ['entries'] });
  void queryClient.resetQueries({ queryKey: ['collections'] });
}

async function importPart(part: readonly Item[], hasher: Hasher, options: ImportOptions): Promise<void> {
  const hashes = await hasher.hash(part.map(({ file }) => file));
  for (const [index, item] of part.entries()) {
    item.contentHash = hashes[index] ?? null;
    if (item.contentHash === null) settle(item, 'failed', 'It cannot be read.');
  }
  const readable = part.filter(({ state }) => state === 'waiting');
  try {
    await settleKnown(readable, options);
  } catch (error) {
    for (const item of readable) settle(item, 'failed', wordsOf(error));
  }
  const waiting = readable.filter(({ state }) => state === 'waiting');
  const send = async () => {
    while (!isPaused.value) {
      const item = waiting.shift();
      if (!item) return;
      await sendItem(item, options);
    }
  };
  await Promise.all(Array.from({ length: SENT }, send));
}

/** Finds those that imgcache has, and adds them to the collection without their bytes. */
async function settleKnown(part: readonly Item[], { collectionId }: ImportOptions): Promise<void> {
  const contentHashes = part.flatMap(({ contentHash }) => contentHash ?? []);
  if (contentHashes.length === 0) return;
  const { entriesByContentHash } = await ask(KnownEntriesDocument, { contentHashes });
  if (!entriesByContentHash) throw new Error('imgcache gave no answer.');
  const known = part.filter((_, index) => entriesByContentHash[index]);
  if (known.length === 0) return;
  let problem: string | null = null;
  if (collectionId) {
    const input = { collectionId, contentHashes: known.flatMap(({ contentHash }) => contentHash ?? []) };
    const { results } = await change(AddEntriesToCollectionDocument, 'AddEntriesToCollectionSuccess', {
      input,
    });
    problem = failuresIn(results);
  }
  for (const item of known) settle(item, problem ? 'failed' : 'known', problem);
}

async function sendItem(item: Item, { urlPrefix, clientName, collectionId }: ImportOptions): Promise<void> {
  const { file, path } = item;
  const url = urlPrefix + path.split('/').map(encodeURIComponent).join('/');
  const input = { url, clientName, filename: file.name, image: { upload: file } };
  try {
    if (collectionId)
      await change(IngestImageDocument, 'IngestImageSuccess', { input: { ...input, collectionId } });
    else await change(StoreEntryDocument, 'StoreEntrySuccess', { input });
    settle(item, 'stored', null);
  } catch (error) {
    settle(item, 'failed', wordsOf(error));
  }
}

function settle(item: Item, state: ItemState, problem: string | null): void {
  item.state = state;
  item.problem = problem;
  progress.value++;
}

/** What became of each file, for spreadsheets. */
export function reportOf(all: readonly Item[]): Blob {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = all.map(({ path, state, contentHash, problem }) =>
    [path, state, contentHash ?? '', problem ?? ''].map(cell).join(),
  );
  return new Blob([['path,state,contentHash,problem', ...lines].join('\r\n'), '\r\n'], { type: 'text/csv' });
}
