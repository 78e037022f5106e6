import { useState } from 'preact/hooks';
import { change, failuresIn, Refusal } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import { AddEntriesToCollectionDocument } from '../generated.js';
import { unmarkAll } from '../grid/selection.js';
import type { Tile } from '../grid/tile.js';
import { hrefOf, navigate } from '../router.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { toast } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { CollectionField } from './collection-field.js';

/** As many as one mutation takes. */
const MOST = 100;

/** Asks for a collection, and adds pictures to it that imgcache has. */
export function addToCollection(tiles: readonly Tile[]): void {
  const contentHashes = tiles.flatMap(({ contentHash }) => contentHash ?? []);
  openDialog(() => <AddDialog contentHashes={contentHashes} />);
}

function AddDialog({ contentHashes }: { contentHashes: readonly string[] }) {
  const [collectionId, setCollectionId] = useState('');
  return (
    <Dialog
      title={`Add ${count(contentHashes.length, 'picture')} to a collection`}
      confirm={{ label: 'Add', disabled: !collectionId, run: () => add(collectionId, contentHashes) }}
    >
      <CollectionField value={collectionId} onChange={setCollectionId} />
      <p class="hint">What is there already stays as it is. The bytes are not sent again.</p>
    </Dialog>
  );
}

async function add(collectionId: string, contentHashes: readonly string[]): Promise<void> {
  const results = [];
  for (let start = 0; start < contentHashes.length; start += MOST) {
    const input = { collectionId, contentHashes: contentHashes.slice(start, start + MOST) };
    const part = await change(AddEntriesToCollectionDocument, 'AddEntriesToCollectionSuccess', { input });
    results.push(...part.results);
  }
  void queryClient.invalidateQueries({ queryKey: ['collections'] });
  void queryClient.invalidateQueries({ queryKey: ['entries', 'collections'] });
  const failures = failuresIn(results);
  if (failures) throw new Refusal(failures);
  unmarkAll();
  toast({
    text: `Added ${count(results.length, 'picture')}.`,
    action: { label: 'Open', run: () => navigate(hrefOf({ name: 'collection', collectionId })) },
  });
}
