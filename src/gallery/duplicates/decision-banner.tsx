import { useProblem } from '../access/viewer.js';
import { Action } from '../shell/action.js';
import { timeInWords } from '../shell/units.js';
import type { WholeGroup } from './ask-groups.js';
import { undoDecision, waiting } from './verdicts.js';
import { verdictInWords } from './words.js';

interface DecisionBannerProps {
  groupId: string;
  group: WholeGroup;
  goOn(): void;
}

/** In place of the verdicts: what was decided, and how it is undone. */
export function DecisionBanner({ groupId, group: { decision, members }, goOn }: DecisionBannerProps) {
  const problem = useProblem({ scope: 'WRITE', unlimited: true });
  const soon = waiting.value.get(groupId);
  const undo = soon ? soon.undo : decision && (() => void undoDecision(decision.id));
  return (
    <section class="verdicts" aria-label="Decision">
      <p role="status">
        {soon?.text ??
          (decision &&
            `${verdictInWords(decision, members.length)} Decided ${timeInWords(decision.decidedAt)}.`)}
      </p>
      {undo && (
        <Action icon="undo" problem={problem} onPress={undo}>
          Undo
        </Action>
      )}
      <Action icon="next" onPress={goOn}>
        Next <kbd>j</kbd>
      </Action>
    </section>
  );
}
