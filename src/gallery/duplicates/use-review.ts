import { useSignal } from '@preact/signals';
import { useProblem } from '../access/viewer.js';
import { goBack, navigate, place, withSearch } from '../router.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { toast } from '../shell/toasts.js';
import { pairOf } from './address.js';
import type { Member, WholeGroup } from './ask-groups.js';
import type { Numbered } from './compare.js';
import { decide, type Verdict, waiting } from './verdicts.js';

interface ReviewOptions {
  groupId: string;
  group: WholeGroup;
  /** As they are shown. */
  members: readonly Member[];
  /** Shows the next group, or the list where there is none. */
  goOn(): void;
}

/** What can be done with a group that is looked at. */
export interface ReviewState {
  /** The two that are compared, which stand in the address; null where there are not two. */
  pair: readonly [Numbered, Numbered] | null;
  show(pair: readonly [left: number, right: number]): void;
  /** The content hashes that are ticked. */
  keep: ReadonlySet<string>;
  tick(at: number, alone: boolean): void;
  /** Whether nobody decided of it yet. */
  isOpen: boolean;
  /** Why the reader may not decide; null where they may. */
  problem: string | null;
  judge(kind: Verdict['kind']): void;
}

/**
 * The state of a review, and its keys. Keys may come faster than the page is rendered, so that what they act on is read when
 * they are pressed.
 */
export function useReview({ groupId, group, members, goOn }: ReviewOptions): ReviewState {
  const keep = useSignal<ReadonlySet<string>>(new Set(members.slice(0, 1).map(hashOf)));
  const problem = useProblem({ scope: 'WRITE', unlimited: true });
  const isDecided = () => group.decision !== null || waiting.value.has(groupId);
  const review = {
    pair: numberedPair(members),
    show: (pair: readonly [number, number]) =>
      navigate(withSearch({ pair: pair.map((at) => at + 1).join('-') }), { replace: true }),
    keep: keep.value,
    tick(at: number, alone: boolean) {
      keep.value = ticked(keep.peek(), members[at], alone);
    },
    isOpen: !isDecided(),
    problem,
    judge(kind: Verdict['kind']) {
      if (isDecided()) return;
      if (problem !== null) return void toast({ text: problem });
      // The next one is known before this one leaves the list.
      goOn();
      decide([{ group, verdict: verdictOf(kind, members, keep.peek()) }]);
    },
  };
  useReviewKeys(review, { groupId, members, goOn });
  return review;
}

export function hashOf({ entry }: Member): string {
  return entry.contentHash;
}

function numberedPair(members: readonly Member[]): ReviewState['pair'] {
  const [left, right] = pairOf(place.value.search, members.length);
  const [first, second] = [members[left], members[right]];
  if (!first || !second) return null;
  return [
    { member: first, number: left + 1 },
    { member: second, number: right + 1 },
  ];
}

/** One stays ticked: a group of which nothing is kept is no verdict. */
function ticked(
  before: ReadonlySet<string>,
  member: Member | undefined,
  alone: boolean,
): ReadonlySet<string> {
  if (!member) return before;
  const hash = hashOf(member);
  if (alone) return new Set([hash]);
  const next = new Set(before);
  if (!next.delete(hash)) next.add(hash);
  return next.size > 0 ? next : before;
}

/** Where all are ticked, all stay. */
function verdictOf(kind: Verdict['kind'], members: readonly Member[], keep: ReadonlySet<string>): Verdict {
  if (kind !== 'KEEP_SELECTED') return { kind };
  const kept = members.map(hashOf).filter((hash) => keep.has(hash));
  return kept.length < members.length ? { kind, keep: kept } : { kind: 'KEEP_ALL' };
}

function useReviewKeys(
  { show, tick, judge, isOpen }: ReviewState,
  { groupId, members, goOn }: Pick<ReviewOptions, 'groupId' | 'members' | 'goOn'>,
): void {
  useShortcuts((pressed, event) => {
    const { view, search } = place.peek();
    // Another group is on its way, which keys are meant for that come now.
    if (view.name !== 'group' || view.groupId !== groupId) return;
    const [left, right] = pairOf(search, members.length);
    const isField = event.target instanceof Element && event.target.matches('input');
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit && isOpen) tick(Number(digit) - 1, !event.shiftKey);
    else if (pressed === 'k') judge('KEEP_SELECTED');
    else if (pressed === 'a') judge('KEEP_ALL');
    else if (pressed === 'n') judge('NOT_DUPLICATES');
    else if (pressed === 'j') goOn();
    else if (pressed === 'Backspace') goBack();
    else if (pressed === 'x') show([right, left]);
    else if (pressed === 'ArrowRight' && !isField) show([left, besides(left, right, 1, members.length)]);
    else if (pressed === 'ArrowLeft' && !isField) show([left, besides(left, right, -1, members.length)]);
    else return;
    event.preventDefault();
  });
}

/** The place after or before one, round and round, but not that of the other one. */
function besides(other: number, from: number, step: 1 | -1, members: number): number {
  const next = (from + step + members) % members;
  return next === other ? (next + step + members) % members : next;
}
