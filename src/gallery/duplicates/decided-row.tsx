import { useProblem } from '../access/viewer.js';
import { place } from '../router.js';
import { Action } from '../shell/action.js';
import { timeInWords } from '../shell/units.js';
import { hrefOfGroup } from './address.js';
import type { Group } from './ask-groups.js';
import { GroupPictures } from './group-row.js';
import { inOrder } from './members.js';
import { undoDecision } from './verdicts.js';
import { verdictInWords } from './words.js';

interface DecidedRowProps {
  group: Group;
  decision: NonNullable<Group['decision']>;
}

/** What was decided of a group, when, and the button that undoes it. */
export function DecidedRow({ group, decision }: DecidedRowProps) {
  const problem = useProblem({ scope: 'WRITE', unlimited: true });
  return (
    <li class="group decided">
      <a href={hrefOfGroup(group.id, place.value.search)}>
        <GroupPictures
          members={inOrder(group.members)}
          kept={decision.verdict === 'KEEP_SELECTED' ? decision.keptHashes : []}
        />
        <span class="group-text">
          <strong>{verdictInWords(decision, group.members.length)}</strong>
          <time class="hint" dateTime={decision.decidedAt}>
            {timeInWords(decision.decidedAt)}
          </time>
        </span>
      </a>
      <Action icon="undo" problem={problem} onPress={() => void undoDecision(decision.id)}>
        Undo
      </Action>
    </li>
  );
}
