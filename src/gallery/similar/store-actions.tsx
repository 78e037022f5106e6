import { useState } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { CollectionField } from '../collections/collection-field.js';
import { change } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import { AddImageDocument, IngestImageDocument, StoreEntryDocument } from '../generated.js';
import { hrefOf, navigate } from '../router.js';
import { Action } from '../shell/action.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { kept } from '../shell/kept.js';
import { toast } from '../shell/toasts.js';
import type { ChosenPicture } from './choose.js';

type Target = 'imgcache' | 'collection' | 'both';

const TITLES: Readonly<Record<Target, string>> = {
  imgcache: 'Store in imgcache',
  collection: 'Add to a collection',
  both: 'Store in both',
};

/** What can be done with a picture that is on this page alone. */
export function StoreActions({ picture }: { picture: ChosenPicture }) {
  const problem = useProblem({ scope: 'WRITE' });
  const open = (target: Target) => openDialog(() => <StoreDialog picture={picture} target={target} />);
  return (
    <div class="actions">
      <p class="hint">Nothing is stored until you say so.</p>
      <Action kind="primary" problem={problem} onPress={() => open('imgcache')}>
        Store in imgcache
      </Action>
      <Action problem={problem} onPress={() => open('collection')}>
        Add to collection…
      </Action>
      <Action problem={problem} onPress={() => open('both')}>
        Both
      </Action>
    </div>
  );
}

/** Who the reader is to imgcache. */
export const clientName = kept<string>('client', 'gallery');

function StoreDialog({ picture, target }: { picture: ChosenPicture; target: Target }) {
  const [url, setUrl] = useState(`file:///${encodeURIComponent(picture.file.name)}`);
  const [collectionId, setCollectionId] = useState('');
  const inImgcache = target !== 'collection';
  const inCollection = target !== 'imgcache';
  return (
    <Dialog
      title={TITLES[target]}
      confirm={{
        label: 'Store',
        disabled: inCollection && !collectionId,
        run: () => store({ picture, target, url: url.trim(), collectionId }),
      }}
    >
      {inImgcache && (
        <>
          <label class="field">
            <span>Where it is from: an address, or any line</span>
            <input required value={url} onInput={({ currentTarget }) => setUrl(currentTarget.value)} />
          </label>
          <label class="field">
            <span>Who found it</span>
            <input
              required
              value={clientName.value}
              onInput={({ currentTarget }) => {
                clientName.value = currentTarget.value;
              }}
            />
          </label>
        </>
      )}
      {inCollection && <CollectionField value={collectionId} onChange={setCollectionId} />}
    </Dialog>
  );
}

interface StoreOptions {
  picture: ChosenPicture;
  target: Target;
  url: string;
  collectionId: string;
}

async function store({ picture: { file }, target, url, collectionId }: StoreOptions): Promise<void> {
  const image = { upload: file };
  const entry = { image, url, clientName: clientName.value, filename: file.name };
  if (target === 'imgcache') {
    const { status, entry: stored } = await change(StoreEntryDocument, 'StoreEntrySuccess', { input: entry });
    told(status === 'UNCHANGED' ? 'imgcache had it already.' : 'Stored in imgcache.', stored.contentHash);
  } else if (target === 'collection') {
    const input = { image, collectionId };
    const { image: added } = await change(AddImageDocument, 'AddImageSuccess', { input });
    toast({
      text: 'Added to the collection.',
      action: {
        label: 'Open',
        run: () => navigate(hrefOf({ name: 'image', collectionId, imageId: added.imageId })),
      },
    });
  } else {
    const input = { ...entry, collectionId };
    const { entry: stored } = await change(IngestImageDocument, 'IngestImageSuccess', { input });
    told('Stored in imgcache and in the collection.', stored.contentHash);
  }
  void queryClient.resetQueries({ queryKey: ['entries'] });
  void queryClient.resetQueries({ queryKey: ['collections'] });
}

function told(text: string, contentHash: string): void {
  toast({ text, action: { label: 'Open', run: () => navigate(hrefOf({ name: 'entry', contentHash })) } });
}
