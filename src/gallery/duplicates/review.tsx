import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { goBack, navigate, place, withSearch } from '../router.js';
import { Action } from '../shell/action.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { announce, toast } from '../shell/toasts.js';
import { bytesInWords, count } from '../shell/units.js';
import { LIKENESS } from '../similar/words.js';
import { hrefOfList, likenessOf, pairOf } from './address.js';
import { type Member, useGroupCount, type WholeGroup } from './ask-groups.js';
import { Compare, type Numbered } from './compare.js';
import { DecisionBanner } from './decision-banner.js';
import { Differences } from './differences-table.js';
import { MemberList } from './member-list.js';
import { inOrder } from './members.js';
import { decide, type Verdict, waiting } from './verdicts.js';

interface ReviewProps {
  /** As the address has it: of an open group, also when it was decided since. */
  groupId: string;
  group: WholeGroup;
  /** Its place in the list of those that are open. */
  position: number | null;
  /** Shows the next group, or the list where there is none. */
  goOn(): void;
}

/** Two members of a group beside each other, all of them with what differs, and the verdicts. */
export function Review({ groupId, group, position, goOn }: ReviewProps) {
  const members = inOrder(group.members);
  const { pair, show } = usePair(members);
  const [keep, setKeep] = useState<ReadonlySet<string>>(() => new Set(members.slice(0, 1).map(hashOf)));
  const isOpen = group.decision === null && !waiting.value.has(groupId);
  const { judge, problem } = useVerdicts({ group, members, keep, goOn });
  const tick = (at: number, alone: boolean) => setKeep((before) => ticked(before, members[at], alone));
  useReviewKeys({ members: members.length, pair, show, tick, judge, goOn, isOpen });
  const title = useArrival(group, position);
  return (
    <main class="review">
      <div class="review-top">
        <div class="review-main">
          {pair ? <Compare pair={pair} /> : <p class="nothing">One picture of the group is left.</p>}
          {isOpen ? (
            <VerdictBar {...{ members, keep, judge, problem, goOn }} />
          ) : (
            <DecisionBanner groupId={groupId} group={group} goOn={goOn} />
          )}
        </div>
        <aside class="card" aria-label="About this group">
          <div>
            <h1 ref={title} tabIndex={-1}>
              {count(members.length, 'look-alike')}
            </h1>
            <Standing group={group} position={position} />
          </div>
          <MemberList members={members} pair={pair} keep={isOpen ? keep : null} onTick={tick} onShow={show} />
          {pair && <Differences pair={pair} />}
        </aside>
      </div>
    </main>
  );
}

function Standing({ group, position }: Pick<ReviewProps, 'group' | 'position'>) {
  const { search } = place.value;
  const total = useGroupCount('OPEN', likenessOf(search));
  return (
    <p class="hint">
      {LIKENESS[group.likeness]}; the two most unlike differ in {group.widest} of 64 bits.{' '}
      {position !== null && total !== null && `Group ${position} of ${total}. `}
      <a href={hrefOfList(search)}>All groups</a>
    </p>
  );
}

function hashOf({ entry }: Member): string {
  return entry.contentHash;
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

/** The two that are compared, which stand in the address. */
function usePair(members: readonly Member[]) {
  const [left, right] = pairOf(place.value.search, members.length);
  const show = (pair: readonly [number, number]) =>
    navigate(withSearch({ pair: pair.map((at) => at + 1).join('-') }), { replace: true });
  const numbered = [left, right].flatMap((at): Numbered[] => {
    const member = members[at];
    return member ? [{ member, number: at + 1 }] : [];
  });
  const [first, second] = numbered;
  return { pair: first && second ? ([first, second] as const) : null, show };
}

interface VerdictOptions {
  group: WholeGroup;
  members: readonly Member[];
  keep: ReadonlySet<string>;
  goOn(): void;
}

export type Judge = (kind: Verdict['kind']) => void;

/** Decides, and goes on; says why where the reader may not. */
function useVerdicts({ group, members, keep, goOn }: VerdictOptions): {
  judge: Judge;
  problem: string | null;
} {
  const problem = useProblem({ scope: 'WRITE', unlimited: true });
  const judge: Judge = (kind) => {
    if (problem !== null) return void toast({ text: problem });
    const keeps = members.map(hashOf).filter((hash) => keep.has(hash));
    const verdict: Verdict =
      kind === 'KEEP_SELECTED' && keeps.length < members.length
        ? { kind, keep: keeps }
        : { kind: kind === 'NOT_DUPLICATES' ? kind : 'KEEP_ALL' };
    // The next one is known before this one leaves the list.
    goOn();
    decide([{ group, verdict }]);
  };
  return { judge, problem };
}

interface KeyOptions {
  members: number;
  pair: readonly [Numbered, Numbered] | null;
  show(pair: readonly [number, number]): void;
  tick(at: number, alone: boolean): void;
  judge: Judge;
  goOn(): void;
  isOpen: boolean;
}

function useReviewKeys({ members, pair, show, tick, judge, goOn, isOpen }: KeyOptions): void {
  const [left, right] = pair ? [pair[0].number - 1, pair[1].number - 1] : [0, 1];
  const turn = (step: 1 | -1) => {
    let next = right;
    do next = (next + step + members) % members;
    while (next === left);
    show([left, next]);
  };
  useShortcuts((pressed, event) => {
    const isSlider = event.target instanceof Element && event.target.matches('input');
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit !== undefined && isOpen) tick(Number(digit) - 1, !event.shiftKey);
    else if (pressed === 'k' && isOpen) judge('KEEP_SELECTED');
    else if (pressed === 'a' && isOpen) judge('KEEP_ALL');
    else if (pressed === 'n' && isOpen) judge('NOT_DUPLICATES');
    else if (pressed === 'j') goOn();
    else if (pressed === 'Backspace') goBack();
    else if (pressed === 'Escape') navigate(hrefOfList(place.value.search));
    else if (pressed === 'ArrowRight' && members > 2 && !isSlider) turn(1);
    else if (pressed === 'ArrowLeft' && members > 2 && !isSlider) turn(-1);
    else if (pressed === 'x') show([right, left]);
    else return;
    event.preventDefault();
  });
}

/** Who comes to a group hears of it, and has the focus at its head, so that no key presses a button of the one before. */
function useArrival({ members, likeness }: WholeGroup, position: number | null) {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus({ preventScroll: true }), []);
  const words = `${position === null ? '' : `Group ${position}: `}${count(members.length, 'picture')}, ${LIKENESS[likeness].toLowerCase()}`;
  useEffect(() => announce(words), [words]);
  return title;
}

interface VerdictBarProps {
  members: readonly Member[];
  keep: ReadonlySet<string>;
  judge: Judge;
  problem: string | null;
  goOn(): void;
}

function VerdictBar({ members, keep, judge, problem, goOn }: VerdictBarProps) {
  const others = members.filter((member) => !keep.has(hashOf(member)));
  const bytes = others.reduce((sum, { entry }) => sum + entry.fileSizeBytes, 0);
  const kept = members.flatMap((member, at) => (keep.has(hashOf(member)) ? [at + 1] : []));
  return (
    <section class="verdicts" aria-label="Verdicts">
      {others.length > 0 && (
        <Action kind="primary" problem={problem} onPress={() => judge('KEEP_SELECTED')}>
          Keep {kept.length > 3 ? `${kept.length} pictures` : kept.join(', ')}, delete {others.length}{' '}
          <small>({bytesInWords(bytes)})</small> <kbd>k</kbd>
        </Action>
      )}
      <Action problem={problem} onPress={() => judge('KEEP_ALL')}>
        Keep all <kbd>a</kbd>
      </Action>
      <Action problem={problem} onPress={() => judge('NOT_DUPLICATES')}>
        Not duplicates <kbd>n</kbd>
      </Action>
      <Action icon="next" onPress={goOn}>
        Skip <kbd>j</kbd>
      </Action>
    </section>
  );
}
