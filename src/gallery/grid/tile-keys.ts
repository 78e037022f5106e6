import { useProblem } from '../access/viewer.js';
import { addToCollection } from '../collections/add-dialog.js';
import { deleteEntriesSoon, takeAwaySoon } from '../data/delete-pictures.js';
import { hrefOf, navigate } from '../router.js';
import { toast } from '../shell/toasts.js';
import { marked, unmarkAll } from './selection.js';
import type { Tile } from './tile.js';

/** What keys do with a picture of a grid; with all that are marked, where some are. */
export function useTileKeys(): (key: string, tile: Tile) => void {
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const cannotDelete = useProblem({ scope: 'WRITE', unlimited: true });
  return (key, tile) => {
    const tiles = marked.value.size > 0 ? [...marked.value.values()] : [tile];
    if (key === 's') navigate(hrefOf({ name: 'similar' }, { to: tile.id }));
    if (key === 'c') {
      if (cannotWrite) toast({ text: cannotWrite });
      else addToCollection(tiles);
    }
    if (key === 'Delete') {
      const problem = tile.image ? cannotWrite : cannotDelete;
      if (problem) return void toast({ text: problem });
      removeSoon(tiles);
    }
  };
}

/** Deletes entries, and takes images out of their collections. */
export function removeSoon(tiles: readonly Tile[]): void {
  const entries = tiles.filter(({ image }) => !image).map(({ id }) => id);
  const images = tiles.filter(({ image }) => image);
  if (entries.length > 0) deleteEntriesSoon(entries);
  if (images.length > 0) takeAwaySoon(images);
  unmarkAll();
}
