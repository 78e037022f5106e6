import { Dialog, openDialog } from '../shell/dialog.js';
import { bytesInWords, count } from '../shell/units.js';
import type { Group } from './ask-groups.js';
import { decide } from './verdicts.js';

/** Asks whether of each group the suggested picture is to be kept alone. */
export function acceptSuggestions(groups: readonly Group[]): void {
  const others = groups.flatMap(({ members }) => members.filter(({ isSuggestedKeep }) => !isSuggestedKeep));
  const bytes = others.reduce((sum, { entry }) => sum + entry.fileSizeBytes, 0);
  const accept = () =>
    decide(
      groups.map((group) => ({
        group,
        verdict: {
          kind: 'KEEP_SELECTED',
          keep: group.members
            .filter(({ isSuggestedKeep }) => isSuggestedKeep)
            .map(({ entry }) => entry.contentHash),
        },
      })),
    );
  openDialog(() => (
    <Dialog
      title={`Accept ${count(groups.length, 'suggestion')}?`}
      confirm={{ label: `Delete ${count(others.length, 'picture')}`, danger: true, run: accept }}
    >
      <p>
        Of each of the {groups.length} groups that are listed the suggested picture is kept, and the others
        are deleted: {count(others.length, 'picture')}, {bytesInWords(bytes)}. Their addresses stay findable:
        they lead to the picture that is kept. Images of collections stay as they are.
      </p>
      <p class="hint">It is done ten seconds later, and until then you can undo it.</p>
    </Dialog>
  ));
}
