import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { place } from '../router.js';
import { announce } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { LIKENESS } from '../similar/words.js';
import { hrefOfList, likenessOf } from './address.js';
import { useGroupCount, type WholeGroup } from './ask-groups.js';
import { Compare } from './compare.js';
import { DecisionBanner } from './decision-banner.js';
import { Differences } from './differences-table.js';
import { MemberList } from './member-list.js';
import { inOrder } from './members.js';
import { useReview } from './use-review.js';
import { VerdictBar } from './verdict-bar.js';
import { widestInWords } from './words.js';

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
  const { pair, show, keep, tick, isOpen, ...verdicts } = useReview({ groupId, group, members, goOn });
  const title = useArrival(group, position);
  return (
    <main class="review">
      <div class="review-top">
        <div class="review-main">
          {pair ? <Compare pair={pair} /> : <p class="nothing">One picture of the group is left.</p>}
          {isOpen ? (
            <VerdictBar {...verdicts} members={members} keep={keep} goOn={goOn} />
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

/** How sure the group is, and where it stands among the others. */
function Standing({ group, position }: Pick<ReviewProps, 'group' | 'position'>) {
  const { search } = place.value;
  const total = useGroupCount('OPEN', likenessOf(search));
  return (
    <p class="hint">
      {LIKENESS[group.likeness]}: {widestInWords(group.widest)}.{' '}
      {position !== null && total !== null && `Group ${position} of ${total}. `}
      <a href={hrefOfList(search)}>All groups</a>
    </p>
  );
}

/** Who comes to a group hears of it, and has the focus at its head, so that no key presses a button of the one before. */
function useArrival({ members, likeness }: WholeGroup, position: number | null) {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus({ preventScroll: true }), []);
  const at = position === null ? '' : `Group ${position}: `;
  const words = `${at}${count(members.length, 'picture')}, ${LIKENESS[likeness].toLowerCase()}`;
  useEffect(() => announce(words), [words]);
  return title;
}
