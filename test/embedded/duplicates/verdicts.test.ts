import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedDuplicates } from '#src/embedded/duplicates/duplicates.js';
import type { DuplicatesThread } from '#src/embedded/duplicates/duplicates-thread.js';
import { EntryGroups } from '#src/embedded/duplicates/entry-groups.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { DESCRIPTOR_VERSION } from '#src/embedded/picture/descriptor.js';
import { type DuplicateRows, openDuplicateRows } from '#src/embedded/store/open-store.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { VERDICTS } from '#src/services/duplicates.js';
import { hashHex } from '#src/services/hamming-distance.js';
import { isPlainHash } from '#src/services/likeness.js';
import { seededRandom } from '../../harness/seeded-random.js';
import { near, photographHash, random } from '../hashes.js';
import { hashOf, newEntry } from '../store/contract/stores.js';

const SEED = Number(process.env.DUPLICATES_SEED ?? 20_250_101);
const SEQUENCES = 1000;
const STEPS = 5;
const { signal } = new AbortController();

/** Copies of one picture, by the number that their content hash is made of. */
interface Picture {
  copies: number[];
  urls: string[];
}

describe('verdicts and undos at random', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-verdicts-'));
  const pick = seededRandom(SEED);
  const next = random(SEED);
  let opened: OpenSqlite;
  let rows: DuplicateRows;
  let duplicates: EmbeddedDuplicates;
  let stored = 0;

  beforeAll(async () => {
    const path = join(folder, 'lookalike.db');
    opened = await openSqliteStore(path);
    // Nothing here is killed.
    opened.connection.pragma('synchronous = off');
    rows = await openDuplicateRows({ kind: 'SQLITE', path }, DESCRIPTOR_VERSION);
    duplicates = new EmbeddedDuplicates({
      store: opened.store,
      locks: new KeyedLock(),
      thread: inThisThread(new EntryGroups(rows)),
    });
  });
  afterAll(async () => {
    await rows.close();
    await opened.close();
    rmSync(folder, { recursive: true });
  });

  const store = (number: number, url: string, perceptualHash: string) =>
    opened.store.entries.insert(newEntry(number, { url, perceptualHash }));

  /** Of one picture that is not plain. */
  function hashesOfCopies(count: number): string[] {
    const base = photographHash(next);
    const copies = Array.from({ length: count }, () => near(base, 2, next));
    return copies.some(isPlainHash) ? hashesOfCopies(count) : copies.map(hashHex);
  }

  /** Copies of two pictures. */
  async function storePictures(): Promise<{ pictures: Picture[]; hashes: Map<number, string> }> {
    const hashes = new Map<number, string>();
    const pictures: Picture[] = [];
    for (let nth = 0; nth < 2; nth++) {
      const picture: Picture = { copies: [], urls: [] };
      for (const hash of hashesOfCopies(2 + pick(3))) {
        const number = ++stored;
        const url = `https://x.example/${number}`;
        hashes.set(number, hash);
        await store(number, url, hash);
        picture.copies.push(number);
        picture.urls.push(url);
      }
      pictures.push(picture);
    }
    return { pictures, hashes };
  }

  /** @returns what was deleted, and what was kept */
  async function decideAtRandom(): Promise<{
    deleted: readonly string[];
    kept: readonly string[];
    id: string;
  } | null> {
    const groups = await duplicates.listOpen({ likeness: 'NEARLY_CERTAIN', limit: 9 });
    const group = groups[pick(Math.max(1, groups.length))];
    if (!group) return null;
    const verdict = VERDICTS[pick(VERDICTS.length)]!;
    const { contentHashes, widest, likeness } = group;
    const selects = verdict === 'KEEP_SELECTED';
    const chosen = contentHashes.filter(() => pick(3) === 0);
    const [first = contentHashes[0], ...others] = selects ? chosen : contentHashes;
    const made = await duplicates.decide({
      verdict,
      contentHashes,
      keptHashes: [first, ...others],
      deleteOthers: selects && pick(3) > 0,
      moveUrls: true,
      widest,
      likeness,
    });
    return { deleted: made.deletedHashes, kept: made.decision.keptHashes, id: made.decision.decisionId };
  }

  it(`lose no picture and no URL in ${SEQUENCES} sequences`, async () => {
    const counts = { verdicts: 0, deleted: 0, undone: 0, storedAgain: 0, open: 0 };
    for (let sequence = 0; sequence < SEQUENCES; sequence++) {
      const { pictures, hashes } = await storePictures();
      const there = new Set([...hashes.keys()].map(hashOf));
      const made: string[] = [];
      for (let step = 0; step < STEPS; step++) {
        const undoes = made.length > 0 && pick(4) === 0;
        if (undoes) {
          const [id] = made.splice(pick(made.length), 1);
          expect(await duplicates.undo(id!)).toMatchObject({ decisionId: id });
          counts.undone++;
        } else if (pick(5) === 0) {
          const gone = [...hashes.keys()].find((number) => !there.has(hashOf(number)));
          if (gone) {
            await store(gone, `https://x.example/${gone}`, hashes.get(gone)!);
            there.add(hashOf(gone));
            counts.storedAgain++;
          }
        } else {
          const decided = await decideAtRandom();
          if (!decided) continue;
          for (const hash of decided.deleted) expect(there.delete(hash)).toBe(true);
          for (const hash of decided.kept) expect(there.has(hash)).toBe(true);
          made.push(decided.id);
          counts.verdicts++;
          counts.deleted += decided.deleted.length;
        }
      }
      const all = [...hashes.keys()].map(hashOf);
      expect(new Set((await opened.store.entries.find(all)).keys())).toEqual(there);
      for (const { copies, urls } of pictures) {
        expect(copies.some((number) => there.has(hashOf(number)))).toBe(true);
        expect([...(await opened.store.entries.findByUrl(urls)).keys()].toSorted()).toEqual(urls.toSorted());
      }
      // All taken back, what is left is one question for each picture that has several copies.
      for (const id of made) await duplicates.undo(id);
      const open = await duplicates.listOpen({ likeness: 'NEARLY_CERTAIN', limit: 9 });
      const asked = new Set(open.flatMap(({ contentHashes }) => contentHashes));
      for (const { copies } of pictures) {
        const left = copies.map(hashOf).filter((hash) => there.has(hash));
        if (left.length > 1) for (const hash of left) expect(asked).toContain(hash);
      }
      counts.open += open.length;
      for (const hash of there) await opened.store.entries.delete(hash);
    }
    process.stdout.write(`verdicts: ${JSON.stringify(counts)} | seed ${SEED}\n`);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(SEQUENCES / 10);
  });
});

function inThisThread(groups: EntryGroups): Pick<DuplicatesThread, 'call'> {
  return {
    // Each call has the result of its name.
    call: async (call): Promise<never> => {
      switch (call.name) {
        case 'list':
          return groups.list(call, signal) as never;
        case 'count':
          return groups.count(call.likeness, signal) as never;
        case 'find':
          return groups.find(call.likeness, call.contentHash, signal) as never;
        case 'decisionOn':
          return groups.decisionOn(call.contentHash) as never;
        case 'compareAll':
          return groups.compareAll(signal, () => {}) as never;
      }
    },
  };
}
