import { beforeEach, expect, it } from 'vitest';
import type { DecisionRows } from '#src/embedded/store/decisions.js';
import type { HashRows } from '#src/embedded/store/rows.js';
import type { Store } from '#src/embedded/store/store.js';
import { KeptEntryGoneError, type NewDecision } from '#src/services/duplicates.js';
import { describeStores, hashOf, insert, newEntry } from './stores.js';

/** The content hashes of some numbers, in their order. */
const hashesOf = (...numbers: number[]) => numbers.map(hashOf).toSorted();

function keeping(kept: number, others: readonly number[], more: Partial<NewDecision> = {}): NewDecision {
  return {
    verdict: 'KEEP_SELECTED',
    contentHashes: hashesOf(kept, ...others),
    keptHashes: [hashOf(kept)],
    deleteOthers: true,
    moveUrls: true,
    widest: 3,
    likeness: 'LIKELY',
    ...more,
  };
}

const NOT_DUPLICATES = { verdict: 'NOT_DUPLICATES', deleteOthers: false } as const;

describeStores('Decisions about entries that look alike', (open) => {
  let store: Store;
  let rows: DecisionRows;
  let hashRows: HashRows;
  beforeEach(async () => {
    const opened = await open();
    ({ store, decisions: rows, hashes: hashRows } = opened);
    for (const number of [1, 2, 3, 4])
      await insert(store, newEntry(number, { perceptualHash: `000000000000000${number}` }));
  });

  const there = async (...numbers: number[]) => {
    const found = await store.entries.find(numbers.map(hashOf));
    return numbers.filter((number) => found.has(hashOf(number)));
  };
  const wrongCounts = async () => {
    const wrong: unknown[] = [];
    for await (const batch of store.audit.wrongCounts()) wrong.push(...batch);
    return wrong;
  };

  it('are found by their ids and listed, the newest first, until they are undone', async () => {
    const made = [];
    for (const [nth, id] of ['a', 'b', 'c'].entries()) {
      const decision = keeping(nth + 1, [4], NOT_DUPLICATES);
      const decided = await store.decisions.decide(id, decision);
      expect(decided.deletedHashes).toEqual([]);
      expect(decided.decision).toMatchObject({
        decisionId: id,
        verdict: 'NOT_DUPLICATES',
        contentHashes: hashesOf(nth + 1, 4),
        keptHashes: [hashOf(nth + 1)],
        widest: 3,
        likeness: 'LIKELY',
        decidedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
      made.push(decided.decision);
    }
    const [a, b, c] = made;
    expect(await store.decisions.list({ limit: 2 })).toEqual([c, b]);
    expect(await store.decisions.list({ limit: 2, after: b!.seq })).toEqual([a]);
    expect(await store.decisions.undo('b')).toEqual(b);
    expect(await store.decisions.undo('b')).toBeNull();
    expect(await store.decisions.undo('no such')).toBeNull();
    expect(await store.decisions.find('b')).toBeNull();
    expect(await store.decisions.find('a')).toEqual(a);
    expect(await store.decisions.list({ limit: 9 })).toEqual([c, a]);
    expect(await store.decisions.count()).toBe(2);
  });

  it('are followed from any position, and so is what takes them back', async () => {
    await store.decisions.decide('a', keeping(1, [2], NOT_DUPLICATES));
    const first = await rows.changes(0, 10);
    expect(first.changes).toEqual([{ decisionId: 'a', contentHashes: hashesOf(1, 2) }]);
    await store.decisions.decide('b', keeping(3, [2, 4], NOT_DUPLICATES));
    await store.decisions.undo('a');
    await store.decisions.decide('c', keeping(1, [3], NOT_DUPLICATES));
    const followed = [];
    for (let position = first.position; ; ) {
      const next = await rows.changes(position, 1);
      if (next.changes.length === 0) break;
      followed.push(...next.changes);
      ({ position } = next);
    }
    expect(followed).toEqual([
      { decisionId: 'b', contentHashes: hashesOf(2, 3, 4) },
      { decisionId: 'a', contentHashes: [] },
      { decisionId: 'c', contentHashes: hashesOf(1, 3) },
    ]);
    expect((await rows.changes(0, 10)).changes).toHaveLength(3);
  });

  it('name the content hashes of the entries that are there', async () => {
    const { added } = await hashRows.changes(null, 10);
    const seqs = added.map(([seq]) => seq);
    await store.entries.delete(hashOf(2));
    const found = await rows.contentHashes([...seqs, 999_999]);
    expect([...found.values()].toSorted()).toEqual(hashesOf(1, 3, 4));
    expect(await rows.contentHashes([])).toEqual(new Map());
  });

  it('delete the entries that are not kept as any deletion does, and say which', async () => {
    const filled = await hashRows.changes(null, 10);
    const after = filled.more ? (await hashRows.changes(filled.position, 10)).position : filled.position;
    await store.entries.delete(hashOf(4));
    const { deletedHashes } = await store.decisions.decide('a', keeping(2, [1, 3, 4]));
    expect([...deletedHashes].toSorted()).toEqual(hashesOf(1, 3));
    expect(await there(1, 2, 3, 4)).toEqual([2]);
    expect((await hashRows.changes(after, 10)).deletedSeqs).toHaveLength(3);
    expect(await wrongCounts()).toEqual([]);
    const released = await store.blobs.findReleased(0, 10);
    expect(released.map(({ contentHash }) => contentHash).toSorted()).toEqual(hashesOf(1, 3, 4));
  });

  it('let the first kept entry be found by the URLs of those that are deleted, unless that is not wanted', async () => {
    for (const url of ['https://x.example/also', 'https://x.example/2'])
      await store.entries.insert(newEntry(1, { url, clientName: 'other' }));
    await store.decisions.decide('a', keeping(2, [1]));
    expect((await store.entries.findUrls([hashOf(2)])).get(hashOf(2))).toEqual([
      'https://x.example/2',
      'https://x.example/1',
      'https://x.example/also',
    ]);
    const found = await store.entries.findByUrl(['https://x.example/1', 'https://x.example/also']);
    expect([...found.values()].map(({ contentHash }) => contentHash)).toEqual([hashOf(2), hashOf(2)]);
    await store.decisions.decide('b', keeping(2, [3], { moveUrls: false }));
    expect(await store.entries.findByUrl(['https://x.example/3'])).toEqual(new Map());
    expect(await there(2, 3)).toEqual([2]);
  });

  it('do nothing where an entry that is to be kept is gone', async () => {
    await store.entries.delete(hashOf(2));
    await expect(store.decisions.decide('a', keeping(2, [1, 3]))).rejects.toThrow(KeptEntryGoneError);
    expect(await there(1, 2, 3)).toEqual([1, 3]);
    expect(await store.decisions.find('a')).toBeNull();
    expect((await store.entries.findUrls([hashOf(1)])).get(hashOf(1))).toEqual(['https://x.example/1']);
    expect((await rows.changes(0, 10)).changes).toEqual([]);
  });

  it('never delete what each other keeps, whoever comes first', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, other] = [100 + 2 * round, 101 + 2 * round];
      for (const number of [one, other]) await insert(store, newEntry(number));
      const verdicts = await Promise.allSettled([
        store.decisions.decide(`one ${round}`, keeping(one, [other])),
        store.decisions.decide(`other ${round}`, keeping(other, [one])),
      ]);
      const refused = verdicts.filter(({ status }) => status === 'rejected');
      expect(refused).toEqual([{ status: 'rejected', reason: expect.any(KeptEntryGoneError) }]);
      expect(await there(one, other)).toHaveLength(1);
    }
    expect(await store.decisions.count()).toBe(10);
    expect(await wrongCounts()).toEqual([]);
  });

  it('are a part of a copy, with those that were undone', async () => {
    await store.decisions.decide('a', keeping(1, [2], NOT_DUPLICATES));
    await store.decisions.decide('b', keeping(3, [4], NOT_DUPLICATES));
    await store.decisions.undo('a');
    const copied = await store.transfer.read('decisions', null, 10);
    const target = (await open()).store;
    await target.transfer.write('decisions', copied);
    await target.transfer.write('decisions', copied);
    expect(await target.transfer.read('decisions', null, 10)).toEqual(copied);
    expect(await target.decisions.list({ limit: 9 })).toEqual(await store.decisions.list({ limit: 9 }));
    expect(await target.decisions.count()).toBe(1);
    await target.decisions.decide('c', keeping(1, [2], NOT_DUPLICATES));
    expect(await target.transfer.count('decisions')).toBe(3);
  });
});
