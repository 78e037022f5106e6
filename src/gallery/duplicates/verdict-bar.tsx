import { Action } from '../shell/action.js';
import { bytesInWords, count } from '../shell/units.js';
import type { Member } from './ask-groups.js';
import { hashOf, type ReviewState } from './use-review.js';

interface VerdictBarProps extends Pick<ReviewState, 'keep' | 'judge' | 'problem'> {
  members: readonly Member[];
  goOn(): void;
}

/** What can be decided of a group. */
export function VerdictBar({ members, keep, judge, problem, goOn }: VerdictBarProps) {
  const others = members.filter((member) => !keep.has(hashOf(member)));
  const bytes = others.reduce((sum, { entry }) => sum + entry.fileSizeBytes, 0);
  const kept = members.flatMap((member, at) => (keep.has(hashOf(member)) ? [at + 1] : []));
  return (
    <section class="verdicts" aria-label="Verdicts">
      {others.length > 0 && (
        <Action kind="primary" problem={problem} onPress={() => judge('KEEP_SELECTED')}>
          {kept.length === 1 ? 'Keep picture' : 'Keep pictures'} {kept.join(', ')}, delete{' '}
          {count(others.length, 'other')} <small>({bytesInWords(bytes)})</small> <kbd>k</kbd>
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
