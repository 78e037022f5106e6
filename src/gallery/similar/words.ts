import type { ImageMatchTileFragment, Likeness } from '../generated.js';

/** What the graph says of how sure a match is, from thresholds that were measured (docs/similarity.md). */
export const LIKENESS: Readonly<Record<Likeness, string>> = {
  IDENTICAL: 'The same bytes',
  NEARLY_CERTAIN: 'Nearly certain',
  LIKELY: 'Likely',
  POSSIBLE: 'Possible',
};

export function bitsInWords(hammingDistance: number): string {
  return `${hammingDistance} of 64 bits differ`;
}

/** What of an image is alike, and how it lies. */
export function partInWords({ found, part, rank }: ImageMatchTileFragment): string {
  const turned = part && Math.abs(part.angle) >= 2 ? [`turned by ${Math.round(Math.abs(part.angle))}°`] : [];
  const mirrored = part?.mirrored ? ['mirrored'] : [];
  const what = found === 'PART' ? ['a part of it'] : [];
  return [...what, ...mirrored, ...turned, `rank ${Number(rank.toPrecision(2))}`].join(', ');
}
