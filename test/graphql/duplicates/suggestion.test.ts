import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, KEEP_REASONS, suggest } from '#src/graphql/duplicates/suggestion.js';
import type { Entry } from '#src/services/entry.js';

function candidate(contentHash: string, facts: Partial<Entry> = {}, urlCount = 1): Candidate {
  const entry = {
    contentHash,
    contentType: 'image/jpeg',
    width: 100,
    height: 100,
    fileSizeBytes: 1000,
    createdAt: '2026-01-01T00:00:00.000000Z',
    ...facts,
  } as Entry;
  return { entry, urlCount };
}

const keptOf = (...candidates: Candidate[]) =>
  suggest(candidates).find(({ isSuggestedKeep }) => isSuggestedKeep)?.entry.contentHash;
const reasonsOf = (...candidates: Candidate[]) => suggest(candidates).map(({ reasons }) => reasons);

describe('the member that is suggested to keep', () => {
  const plain = candidate('a');

  it('is the one with the most pixels, whatever else', () => {
    const lossless = candidate('b', { contentType: 'image/png', fileSizeBytes: 9000 }, 9);
    expect(keptOf(plain, lossless, candidate('c', { width: 200, fileSizeBytes: 10 }))).toBe('c');
    expect(keptOf(candidate('d', { width: null, height: null, fileSizeBytes: 9000 }), plain)).toBe('a');
  });

  it('is, of the same size in pixels, lossless, then the largest, the oldest, and that with the most URLs', () => {
    const later = { createdAt: '2026-01-02T00:00:00.000000Z' };
    expect(
      keptOf(candidate('b', { fileSizeBytes: 9000 }), candidate('c', { contentType: 'image/bmp' })),
    ).toBe('c');
    expect(keptOf(plain, candidate('b', { fileSizeBytes: 1001, ...later }))).toBe('b');
    expect(keptOf(candidate('b', later, 5), candidate('c'))).toBe('c');
    expect(keptOf(plain, candidate('b', {}, 2))).toBe('b');
    expect(keptOf(candidate('z'), candidate('y'))).toBe('y');
  });

  it('has reasons that others have too, where these are as good, and none that all have', () => {
    const [first, second, third] = reasonsOf(
      candidate('a', { width: 200 }, 2),
      candidate('b', { width: 200, contentType: 'image/png' }),
      candidate('c', {}, 2),
    );
    expect(first).toEqual(['MOST_PIXELS', 'MOST_URLS']);
    expect(second).toEqual(['MOST_PIXELS', 'LOSSLESS']);
    expect(third).toEqual(['MOST_URLS']);
    expect(reasonsOf(candidate('a'), candidate('b'))).toEqual([[], []]);
  });

  it('is one alone, the same in any order, and nothing is better in the first thing that they differ in', () => {
    const facts = fc.record({
      width: fc.constantFrom(null, 10, 20),
      height: fc.constantFrom(null, 10, 20),
      contentType: fc.constantFrom('image/png', 'image/jpeg', 'image/webp'),
      fileSizeBytes: fc.integer({ min: 1, max: 3 }),
      createdAt: fc.constantFrom('2026-01-01T00:00:00.000000Z', '2026-01-02T00:00:00.000000Z'),
    });
    const members = fc.array(fc.tuple(facts, fc.integer({ min: 1, max: 2 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(members, (given) => {
        const candidates = given.map(([each, urls], at) =>
          candidate(String.fromCharCode(97 + at), each, urls),
        );
        const shown = suggest(candidates);
        expect(shown.map(({ entry }) => entry)).toEqual(candidates.map(({ entry }) => entry));
        const kept = shown.filter(({ isSuggestedKeep }) => isSuggestedKeep);
        expect(kept).toHaveLength(1);
        expect(keptOf(...candidates.toReversed())).toBe(kept[0]!.entry.contentHash);
        const deciding = KEEP_REASONS.find((reason) => shown.some(({ reasons }) => reasons.includes(reason)));
        if (deciding) expect(kept[0]!.reasons).toContain(deciding);
      }),
    );
  });
});
