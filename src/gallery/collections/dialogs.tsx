import { useState } from 'preact/hooks';
import { change } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import {
  CreateCollectionDocument,
  DeleteCollectionDocument,
  RenameCollectionDocument,
  RotateCollectionKeysDocument,
} from '../generated.js';
import { hrefOf, navigate } from '../router.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { toast } from '../shell/toasts.js';
import { showKeys } from './keys-dialog.js';
import { titleOf } from './names.js';

interface Collection {
  collectionId: string;
  name: string | null;
  user: string | null;
}

const changed = () => queryClient.invalidateQueries({ queryKey: ['collections'] });

export function createCollection(): void {
  openDialog(() => <NameDialog title="New collection" label="Make" name="" user="" run={create} />);
}

async function create(name: string, user: string): Promise<void> {
  const input = { name, ...(user && { user }) };
  const made = await change(CreateCollectionDocument, 'CreateCollectionSuccess', { input });
  await changed();
  navigate(hrefOf({ name: 'collection', collectionId: made.collection.collectionId }));
  showKeys(name, made);
}

export function renameCollection({ collectionId, name, user }: Collection): void {
  const rename = async (newName: string, newUser: string) => {
    const input = { collectionId, name: newName, user: newUser || null };
    await change(RenameCollectionDocument, 'RenameCollectionSuccess', { input });
    await changed();
  };
  openDialog(() => (
    <NameDialog title="Rename" label="Rename" name={name ?? ''} user={user ?? ''} run={rename} />
  ));
}

interface NameDialogProps {
  title: string;
  label: string;
  name: string;
  user: string;
  run(name: string, user: string): Promise<void>;
}

function NameDialog({ title, label, run, ...given }: NameDialogProps) {
  const [name, setName] = useState(given.name);
  const [user, setUser] = useState(given.user);
  return (
    <Dialog title={title} confirm={{ label, run: () => run(name.trim(), user.trim()) }}>
      <label class="field">
        <span>Name</span>
        <input
          required
          maxLength={200}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Whose it is (may be empty)</span>
        <input maxLength={200} value={user} onInput={({ currentTarget }) => setUser(currentTarget.value)} />
      </label>
    </Dialog>
  );
}

export function deleteCollection(collection: Collection): void {
  openDialog(() => <DeleteDialog collection={collection} />);
}

function DeleteDialog({ collection }: { collection: Collection }) {
  const [typed, setTyped] = useState('');
  const title = titleOf(collection);
  const remove = async () => {
    const input = { collectionId: collection.collectionId, confirmName: typed };
    await change(DeleteCollectionDocument, 'DeleteCollectionSuccess', { input });
    navigate(hrefOf({ name: 'collections' }));
    toast({ text: `The collection ${title} is gone.` });
    await changed();
  };
  return (
    <Dialog
      title={`Delete ${title}?`}
      confirm={{ label: 'Delete for good', danger: true, disabled: typed !== title, run: remove }}
    >
      <p>
        All its images and its keys go at once and for good. What imgcache has stays. Type its name,{' '}
        <strong>{title}</strong>, to say that you mean it.
      </p>
      <label class="field">
        <span>Its name</span>
        <input
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
    </Dialog>
  );
}

export function rotateKeys(collection: Collection): void {
  const title = titleOf(collection);
  const rotate = async () => {
    const input = { collectionId: collection.collectionId };
    showKeys(title, await change(RotateCollectionKeysDocument, 'RotateCollectionKeysSuccess', { input }));
  };
  openDialog(() => (
    <Dialog title={`New keys for ${title}?`} confirm={{ label: 'Rotate', danger: true, run: rotate }}>
      <p>
        Programs that search the collection by VisualSnoop’s own protocol sign with its keys. The old ones
        stop at once; the new secret key is shown this one time.
      </p>
    </Dialog>
  ));
}
