import type { CallSignal } from './call-signal.js';
import type { Likeness } from './likeness.js';
import type { Timestamp } from './timestamp.js';

/** How sure it is of a pair of different bytes, the surest first. */
export const PAIR_LIKENESSES = ['NEARLY_CERTAIN', 'LIKELY', 'POSSIBLE'] as const satisfies Likeness[];

export type PairLikeness = (typeof PAIR_LIKENESSES)[number];

/** The most members of a group: of more entries that look alike there are several groups. */
export const MAX_MEMBERS = 100;

/** Entries that look alike by chains of pairs, of which nobody has decided yet. */
export interface OpenGroup {
  /** The least content hash is the first: the group is found by it, and by that of any other member. */
  contentHashes: readonly [string, ...string[]];
  /** How far the two most unlike members are apart, in bits of a dHash, or of what is as sure. */
  widest: number;
  /** That of the least sure of the pairs that hold it together. */
  likeness: PairLikeness;
}

/** The place of a group in the list of open ones, as group-order.ts says. */
export interface GroupPosition {
  likeness: PairLikeness;
  size: number;
  contentHash: string;
}

export const VERDICTS = ['KEEP_ALL', 'NOT_DUPLICATES', 'KEEP_SELECTED'] as const;

export type Verdict = (typeof VERDICTS)[number];

/** What somebody decided of each pair of some content hashes, whatever becomes of the entries. */
export interface Decision extends Pick<OpenGroup, 'widest' | 'likeness'> {
  decisionId: string;
  /** The place in the list of decisions: it grows. */
  seq: number;
  verdict: Verdict;
  decidedAt: Timestamp;
  contentHashes: readonly string[];
  /** Some of them; all but where the verdict is KEEP_SELECTED. */
  keptHashes: readonly string[];
}

export interface NewDecision extends Pick<OpenGroup, 'widest' | 'likeness'> {
  verdict: Verdict;
  /** Each once, at most MAX_MEMBERS. */
  contentHashes: readonly string[];
  /** In the order in which they were given; one at least. */
  keptHashes: readonly [string, ...string[]];
  /** Whether the entries that are not kept are deleted. */
  deleteOthers: boolean;
  /** Whether the first kept entry takes over the URLs of those that are deleted. */
  moveUrls: boolean;
}

/** Thrown where an entry that is to be kept is gone. Nothing was done. */
export class KeptEntryGoneError extends Error {
  override readonly name = 'KeptEntryGoneError';

  constructor(contentHash: string) {
    super(`There is no entry ${contentHash} any more, which was to be kept. Nothing was done.`);
  }
}

/** Groups of entries that look alike, and what was decided of them. A remote imgcache has none. */
export interface Duplicates {
  /** The open groups by pairs that are at least so sure. What was stored before the call is in them, save in the first minutes of a large store. */
  listOpen(
    query: { likeness: PairLikeness; after?: GroupPosition; limit: number },
    signal?: CallSignal,
  ): Promise<OpenGroup[]>;
  countOpen(likeness: PairLikeness, signal?: CallSignal): Promise<number>;
  /** The open group that an entry is in; null where there is none. */
  findOpen(likeness: PairLikeness, contentHash: string, signal?: CallSignal): Promise<OpenGroup | null>;

  /** The newest first: decisions that were not undone, behind the one with the seq. */
  listDecisions(query: { after?: number; limit: number }, signal?: CallSignal): Promise<Decision[]>;
  countDecisions(signal?: CallSignal): Promise<number>;
  /** Null where it was undone. */
  findDecision(decisionId: string, signal?: CallSignal): Promise<Decision | null>;
  /** The newest decision about an entry, whether or not it is there. */
  findDecisionAbout(contentHash: string, signal?: CallSignal): Promise<Decision | null>;

  /**
   * Decides, and deletes what is to be deleted, as one: all of it is done or nothing.
   * @returns the content hashes of the entries that were deleted, too
   * @throws KeptEntryGoneError where entries are to be deleted
   */
  decide(
    decision: NewDecision,
    signal?: CallSignal,
  ): Promise<{ decision: Decision; deletedHashes: readonly string[] }>;
  /**
   * Takes a decision back: its pairs are as if it had never been made. Deleted entries stay deleted.
   * @returns the decision; null where there is none
   */
  undo(decisionId: string, signal?: CallSignal): Promise<Decision | null>;
}
