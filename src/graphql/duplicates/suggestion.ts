import { compareText } from '../../services/compare-text.js';
import type { Entry } from '../../services/entry.js';

/** What speaks for keeping an entry, the most important first, which decides which one is suggested. */
export const KEEP_REASONS = ['MOST_PIXELS', 'LOSSLESS', 'LARGEST_FILE', 'OLDEST', 'MOST_URLS'] as const;

export type KeepReason = (typeof KEEP_REASONS)[number];

/** An entry, and what is not in it. */
export interface Candidate {
  entry: Entry;
  urlCount: number;
}

/** A candidate, as a group shows it. */
export interface Member extends Candidate {
  isSuggestedKeep: boolean;
  /** In what no other member is better, and some are worse. */
  reasons: KeepReason[];
}

/** Formats that keep every pixel as it is. WebP, AVIF and JPEG XL may, but their names do not say so. */
const LOSSLESS_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/bmp', 'image/tiff']);

/** Negative where the first is the better. */
const COMPARISONS: Readonly<Record<KeepReason, (a: Candidate, b: Candidate) => number>> = {
  MOST_PIXELS: (a, b) => pixelsOf(b) - pixelsOf(a),
  LOSSLESS: (a, b) => Number(isLossless(b)) - Number(isLossless(a)),
  LARGEST_FILE: (a, b) => b.entry.fileSizeBytes - a.entry.fileSizeBytes,
  OLDEST: (a, b) => compareText(a.entry.createdAt, b.entry.createdAt),
  MOST_URLS: (a, b) => b.urlCount - a.urlCount,
};

/** The members of a group, in their order, and which one to keep. */
export function suggest(candidates: readonly Candidate[]): Member[] {
  const [best] = [...candidates].sort(compareCandidates);
  const reasonsOf = candidates.map((): KeepReason[] => []);
  for (const reason of KEEP_REASONS) {
    const compare = COMPARISONS[reason];
    const first = [...candidates].sort(compare)[0]!;
    const isBest = candidates.map((candidate) => compare(candidate, first) === 0);
    if (isBest.every((each) => each)) continue;
    for (const [at, reasons] of reasonsOf.entries()) if (isBest[at]) reasons.push(reason);
  }
  return candidates.map((candidate, at) => ({
    ...candidate,
    isSuggestedKeep: candidate === best,
    reasons: reasonsOf[at]!,
  }));
}

function compareCandidates(a: Candidate, b: Candidate): number {
  for (const reason of KEEP_REASONS) {
    const order = COMPARISONS[reason](a, b);
    if (order !== 0) return order;
  }
  return compareText(a.entry.contentHash, b.entry.contentHash);
}

function pixelsOf({ entry: { width, height } }: Candidate): number {
  return (width ?? 0) * (height ?? 0);
}

function isLossless({ entry }: Candidate): boolean {
  return LOSSLESS_TYPES.has(entry.contentType);
}
