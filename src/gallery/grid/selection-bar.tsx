import { useProblem } from '../access/viewer.js';
import { addToCollection } from '../collections/add-dialog.js';
import { Action } from '../shell/action.js';
import { count } from '../shell/units.js';
import { marked, unmarkAll } from './selection.js';
import { removeSoon } from './tile-keys.js';

/** What can be done with the pictures that are marked. */
export function SelectionBar() {
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const cannotDelete = useProblem({ scope: 'WRITE', unlimited: true });
  const tiles = [...marked.value.values()];
  const [first] = tiles;
  if (!first) return null;
  return (
    <section class="selection-bar" aria-label="Marked pictures">
      <strong role="status">{count(tiles.length, 'picture')} marked</strong>
      <Action icon="collections" problem={cannotWrite} onPress={() => addToCollection(tiles)}>
        Add to collection…
      </Action>
      <Action
        icon="trash"
        problem={first.image ? cannotWrite : cannotDelete}
        onPress={() => removeSoon(tiles)}
      >
        {first.image ? 'Take away' : 'Delete'}
      </Action>
      <Action icon="close" onPress={unmarkAll}>
        Unmark
      </Action>
    </section>
  );
}
