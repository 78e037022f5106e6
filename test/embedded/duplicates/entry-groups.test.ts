import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryGroups } from '#src/embedded/duplicates/entry-groups.js';
import { PAIR_LIKENESSES, type PairLikeness } from '#src/services/duplicates.js';
import { isPlainHash } from '#src/services/likeness.js';
import { randomRuns } from '../../harness/repetitions.js';
import { near, photographHash, random } from '../hashes.js';
import { components, type Pictures, problemsOf } from './brute-force.js';
import { chainedHashes, chainedPictures } from './chained-pictures.js';
import { MemoryRows } from './memory-rows.js';

const { signal } = new AbortController();

/** The content hash of a number: unlike its order. */
const nameOf = (number: number) => String((number * 2_654_435_761) % 2 ** 32).padStart(10, '0');

const listAll = (groups: EntryGroups, likeness: PairLikeness) =>
  groups.list({ likeness, limit: Number.POSITIVE_INFINITY }, signal);

const STEPS = ['add', 'add', 'put image', 'delete image', 'delete', 'decide', 'undo'] as const;

/** Whether dHashes alone make no chain of some entries. */
function isOnlyByLook(names: readonly string[], pictures: Pictures): boolean {
  const own = new Map(names.map((name) => [name, { ...pictures.get(name)!, look: null }]));
  return components(own, 'POSSIBLE')[0]?.length !== names.length;
}

const RUNS = randomRuns(60);
const ORDERS = randomRuns(20);

describe('the groups of entries', () => {
  it('are what their pairs say, through additions, deletions, images that come and go, verdicts and undos', async () => {
    let grouped = 0;
    let cut = 0;
    let byLook = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 ** 30 }),
        fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat()), { minLength: 5, maxLength: 40 }),
        async (seed, steps) => {
          const rows = new MemoryRows();
          const groups = new EntryGroups(rows);
          const all = chainedPictures(random(seed), 60).map((picture, nth) => ({
            name: nameOf(nth),
            ...picture,
          }));
          const decided: string[] = [];
          const left = all.slice(20).values();
          for (const { name, hash, look } of all.slice(0, 20)) {
            rows.add(name, hash);
            if (look) rows.putImage(name, look);
          }
          for (const [step, pick] of steps) {
            const names = [...rows.pictures.keys()];
            const any = all[pick % all.length]!;
            const likeness = PAIR_LIKENESSES[pick % 3]!;
            if (step === 'add') {
              const { value } = left.next();
              if (value) rows.add(value.name, value.hash);
            }
            if (step === 'put image' && any.look) rows.putImage(any.name, any.look);
            if (step === 'delete image') rows.deleteImage(any.name);
            if (step === 'delete' && names.length > 0) rows.delete(names[pick % names.length]!);
            if (step === 'undo' && decided.length > 0) rows.decide(decided[pick % decided.length]!, []);
            if (step === 'decide') {
              const open = await listAll(groups, likeness);
              if (open.length > 0) {
                const members = open[pick % open.length]!.contentHashes;
                const id = `decision ${decided.push(`decision ${decided.length}`) - 1}`;
                rows.decide(id, pick % 2 === 0 ? members : members.slice(0, 2));
              }
            }
            const found = await listAll(groups, likeness);
            const { pictures } = rows;
            const isDecided = rows.isDecided.bind(rows);
            expect(problemsOf(found, pictures, likeness, isDecided)).toEqual([]);
            grouped += found.length;
            cut += components(pictures, likeness, isDecided).length < found.length ? 1 : 0;
            byLook += found.filter(({ contentHashes }) => isOnlyByLook(contentHashes, pictures)).length;
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(grouped).toBeGreaterThan((1000 / 60) * RUNS);
    expect(cut).toBeGreaterThan(10);
    expect(byLook).toBeGreaterThan((100 / 30) * RUNS);
  });

  it('are the same in whatever order their rows come, and after some went and came again', async () => {
    let wide = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 30 }), fc.func(fc.nat()), async (seed, shuffle) => {
        const all = chainedPictures(random(seed), 70).map((picture, nth) => ({
          name: nameOf(nth),
          ...picture,
        }));
        const inOrder = new MemoryRows();
        for (const { name, hash, look } of all) {
          inOrder.add(name, hash);
          if (look) inOrder.putImage(name, look);
        }
        const shuffled = new MemoryRows();
        const other = new EntryGroups(shuffled);
        const byChance = all.toSorted((a, b) => shuffle(a.name) - shuffle(b.name));
        const backwards = byChance.toReversed();
        for (const [at, { name, hash }] of byChance.entries()) {
          shuffled.add(name, hash);
          const { name: described, look } = backwards[at]!;
          if (look) shuffled.putImage(described, look);
          if (at % 40 === 0) await other.count('LIKELY', signal);
        }
        for (const { name } of byChance.slice(0, 40)) shuffled.delete(name);
        for (const { name } of byChance.slice(10, 30)) shuffled.deleteImage(name);
        await other.count('LIKELY', signal);
        for (const { name, hash } of byChance.slice(20, 40)) shuffled.add(name, hash);
        for (const { name, look } of byChance.slice(10, 30)) if (look) shuffled.putImage(name, look);
        for (const { name } of byChance.slice(0, 20)) inOrder.delete(name);
        for (const likeness of PAIR_LIKENESSES) {
          const found = await listAll(other, likeness);
          expect(found).toEqual(await listAll(new EntryGroups(inOrder), likeness));
          wide += found.length - components(inOrder.pictures, likeness).length;
        }
      }),
      { numRuns: ORDERS },
    );
    expect(wide).toBeGreaterThan(ORDERS);
  });

  it('are bounded where one picture is there thousands of times, and are found a hundred at a time', async () => {
    const next = random(7);
    const rows = new MemoryRows();
    const base = photographHash(next);
    for (let copy = 0; copy < 1000; copy++) rows.add(nameOf(copy), near(base, copy % 3, next));
    for (let other = 0; other < 200; other++) rows.add(nameOf(5000 + other), photographHash(next));
    const groups = new EntryGroups(rows);
    await groups.compareAll(signal, () => {});
    const found = await listAll(groups, 'NEARLY_CERTAIN');
    const copies = found.filter(({ contentHashes }) => contentHashes.length === 100);
    expect(copies).toHaveLength(10);
    // One that is not of them, and is near all of them, is in the group that has place for it.
    rows.delete(copies[3]!.contentHashes[50]!);
    rows.add(nameOf(9000), base);
    const after = (await listAll(groups, 'NEARLY_CERTAIN')).flatMap(({ contentHashes }) => contentHashes);
    expect(new Set(after).size).toBe(after.length);
    expect(after.filter((name) => rows.pictures.has(name))).toHaveLength(after.length);
    expect(after).toContain(nameOf(9000));
    expect((await groups.find('NEARLY_CERTAIN', nameOf(9000), signal))?.contentHashes).toContain(
      nameOf(9000),
    );
  });

  it('are listed the surest first and then the largest, page by page', async () => {
    const rows = new MemoryRows();
    const next = random(11);
    for (const [number, hash] of chainedHashes(random(3), 400).entries()) rows.add(nameOf(number), hash);
    const groups = new EntryGroups(rows);
    const all = await listAll(groups, 'POSSIBLE');
    const order = all.map(({ likeness, contentHashes }) => [
      PAIR_LIKENESSES.indexOf(likeness),
      -contentHashes.length,
      contentHashes[0],
    ]);
    expect(order).toEqual(
      order.toSorted((a, b) => (JSON.stringify(a) === JSON.stringify(b) ? 0 : compare(a, b))),
    );
    const paged = [];
    for (let page: typeof all = []; ; ) {
      const last = page.at(-1);
      page = await groups.list(
        {
          likeness: 'POSSIBLE',
          limit: 1 + Math.floor(next() * 5),
          ...(last && {
            after: {
              likeness: last.likeness,
              size: last.contentHashes.length,
              contentHash: last.contentHashes[0],
            },
          }),
        },
        signal,
      );
      if (page.length === 0) break;
      paged.push(...page);
    }
    expect(paged).toEqual(all);
    expect(await groups.count('POSSIBLE', signal)).toBe(all.length);
    expect(all.length).toBeGreaterThan(20);
  });

  it('leave plain pictures to those who ask for what is possible', async () => {
    const rows = new MemoryRows();
    for (const [number, chunk] of [0, 1, 3].entries()) rows.add(nameOf(number), [0, 0, 0, chunk]);
    expect(isPlainHash([0, 0, 0, 3])).toBe(true);
    const groups = new EntryGroups(rows);
    expect(await groups.count('NEARLY_CERTAIN', signal)).toBe(0);
    expect(await groups.count('LIKELY', signal)).toBe(0);
    expect(await listAll(groups, 'POSSIBLE')).toEqual([
      { contentHashes: [0, 1, 2].map(nameOf).toSorted(), widest: 2, likeness: 'POSSIBLE' },
    ]);
  });
});

function compare(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [at, value] of a.entries()) {
    if (value === b[at]) continue;
    return (value as number) < (b[at] as number) ? -1 : 1;
  }
  return 0;
}
