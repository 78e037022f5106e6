import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandError } from '#src/commands/command-line.js';
import { Importer, type ImporterOptions } from '#src/commands/import/importer.js';
import { type Item, ItemError, type Result } from '#src/commands/import/item.js';
import { type Known, type ReadItem, type Target, TryAgainError } from '#src/commands/import/target.js';
import type { StoreStatus } from '#src/services/entry-origin.js';
import { pictureOf, writeFile } from '../../fakes/picture-files.js';

/** Keeps the URLs of each content hash in memory. */
class MemoryTarget implements Target {
  readonly restores = false;
  readonly entries = new Map<string, string[]>();
  readonly asked: number[] = [];
  running = 0;
  mostRunning = 0;
  beforeFind: (count: number) => Promise<unknown> = async () => {};
  beforeStore: (read: ReadItem) => Promise<unknown> = async () => {};

  async find(contentHashes: readonly string[]): Promise<(Known | null)[]> {
    this.asked.push(contentHashes.length);
    await this.beforeFind(this.asked.length);
    return contentHashes.map((hash) => {
      const urls = this.entries.get(hash);
      return urls ? { urls: new Set(urls), inCollection: true } : null;
    });
  }

  async hasUrls(urls: readonly string[]): Promise<boolean[]> {
    return urls.map((url) => [...this.entries.values()].some((each) => each.includes(url)));
  }

  async store(read: ReadItem): Promise<StoreStatus> {
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      await turn();
      await this.beforeStore(read);
      const { item, bytes } = read;
      const urls = this.entries.get(bytes.contentHash);
      if (urls?.includes(item.url)) return 'UNCHANGED';
      this.entries.set(bytes.contentHash, [...(urls ?? []), item.url]);
      return urls ? 'URL_ADDED' : 'CREATED';
    } finally {
      this.running--;
    }
  }

  async addToCollection(): Promise<never> {
    throw new Error('There are no collections here.');
  }

  async close(): Promise<void> {}
}

let folder: string;
let target: MemoryTarget;
let results: Result[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-importer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  target = new MemoryTarget();
  results = [];
});

/** An item with the picture of a number. */
function item(url: string, number: number): Item {
  return { url, path: writeFile(folder, `${number}.png`, pictureOf(number)) };
}

const items = (count: number) => Array.from({ length: count }, (_, at) => item(`u${at}`, at));

function run(list: readonly Item[], options: Partial<ImporterOptions> = {}): Promise<void> {
  const importer = new Importer({
    target,
    clientName: 'test',
    concurrency: 4,
    dryRun: false,
    fetchPicture: null,
    onResult: (result) => void results.push(result),
    signal: new AbortController().signal,
    ...options,
  });
  return importer.run(
    (async function* () {
      yield* list;
    })(),
  );
}

describe('an import', () => {
  it('asks for a hundred at once, sends what is missing, and so many at a time', async () => {
    await run(items(40));
    expect(target.asked).toEqual([40]);
    await run(items(250));
    expect(target.asked).toEqual([40, 100, 100, 50]);
    expect(results.filter(({ outcome }) => outcome === 'STORED')).toHaveLength(250);
    expect(results.filter(({ outcome }) => outcome === 'THERE')).toHaveLength(40);
    expect(target.mostRunning).toBe(4);
  });

  it('stores copies in their order, also those of a batch that was read earlier than the one before', async () => {
    const list = [item('first', 0), ...items(99).slice(1), item('one more', 200), item('last', 0)];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    // The first batch waits for what is there until the second one knows.
    target.beforeFind = (nth) => (nth === 1 ? held : Promise.resolve(release()));
    expect(list).toHaveLength(101);
    await run(list);
    expect([...target.entries.values()].find((urls) => urls.includes('last'))).toEqual(['first', 'last']);
    await run([item('c', 300), item('a', 300), item('b', 300)]);
    expect([...target.entries.values()].find((urls) => urls.includes('a'))).toEqual(['c', 'a', 'b']);
  });

  it('tries again what may be over in a moment', async () => {
    let failures = 2;
    target.beforeStore = async () => {
      if (failures-- > 0) throw new TryAgainError('Not now.');
    };
    await run(items(1));
    expect(results).toMatchObject([{ outcome: 'STORED' }]);
    expect(failures).toBe(-1);
  });

  it('goes on after what fails for one alone', async () => {
    target.beforeStore = async (read) => {
      if (read.item.url === 'u1') throw new ItemError('Not this one.');
    };
    await run(items(3));
    expect(results.find(({ outcome }) => outcome === 'FAILED')).toMatchObject({ problem: 'Not this one.' });
    expect(target.entries.size).toBe(2);
  });

  it('ends at what fails for all, and leaves nothing under way', async () => {
    target.beforeStore = async (read) => {
      if (read.item.url === 'u2') throw new CommandError('The gateway is gone.');
    };
    await expect(run(items(500))).rejects.toThrow('The gateway is gone.');
    expect(target.running).toBe(0);
    expect(target.asked.length).toBeLessThan(5);
    expect(results.length).toBeLessThan(100);
  });

  it('begins nothing once it is interrupted', async () => {
    const controller = new AbortController();
    target.beforeStore = async () => controller.abort();
    await run(items(300), { signal: controller.signal });
    expect(target.entries.size).toBe(results.length);
    expect(results.length).toBeLessThanOrEqual(4);
    expect(results.length).toBeGreaterThan(0);
  });

  it.each(['a\nb', 'a\0b', 'a\ud800b', `https://x.example/${'a'.repeat(8192)}`])(
    'refuses the URL %j',
    async (url) => {
      await run([{ ...item('u', 1), url }]);
      expect(results).toMatchObject([{ outcome: 'FAILED', problem: expect.stringContaining('URL') }]);
      expect(target.entries.size).toBe(0);
    },
  );
});
