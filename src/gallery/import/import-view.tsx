import { useState } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { titleOf, useCollectionNames } from '../collections/names.js';
import { Action } from '../shell/action.js';
import { kept } from '../shell/kept.js';
import { bytesInWords, count } from '../shell/units.js';
import { clientName } from '../similar/store-actions.js';
import { type FoundFile, filesOfDrop, filesOfInput } from './files.js';
import {
  addFiles,
  clearItems,
  type Item,
  isPaused,
  isRunning,
  items,
  progress,
  reportOf,
  retryFailed,
  runImport,
} from './import-run.js';

const urlPrefix = kept<string>('urlPrefix', 'file:///');

/** Many pictures at once, and whole folders. */
export function ImportView() {
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const [collectionId, setCollectionId] = useState('');
  void progress.value;
  const all = items.value;
  const left = all.filter(({ state }) => state === 'waiting').length;
  const run = () =>
    void runImport({ urlPrefix: urlPrefix.value, clientName: clientName.value, collectionId });
  return (
    <main class="import">
      <h1>Import</h1>
      <Picker />
      <Options collectionId={collectionId} onCollection={setCollectionId} />
      {all.length > 0 && (
        <>
          <Progress all={all} />
          <div class="actions">
            {isRunning.value ? (
              <Action
                onPress={() => {
                  isPaused.value = true;
                }}
              >
                {isPaused.value ? 'Pausing…' : 'Pause'}
              </Action>
            ) : (
              left > 0 && (
                <Action kind="primary" problem={cannotWrite} onPress={run}>
                  {left < all.length ? 'Go on' : 'Import'}
                </Action>
              )
            )}
            {!isRunning.value && <Done all={all} retry={run} />}
          </div>
        </>
      )}
    </main>
  );
}

function Picker() {
  const choose = (isFolder: boolean) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.webkitdirectory = isFolder;
    if (!isFolder) input.accept = 'image/*';
    input.addEventListener('change', () => addFiles(filesOfInput(input).filter(isVisible)));
    input.click();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what has no mouse has the buttons within.
    <div
      class="nothing picker"
      data-drop="import"
      onDrop={({ dataTransfer }) => dataTransfer && void filesOfDrop(dataTransfer).then(addFiles)}
    >
      <p>
        Drop pictures or whole folders here. Each is hashed first on this machine: what imgcache has already
        is not sent again, so that an import may be broken off and repeated.
      </p>
      <div class="actions">
        <Action icon="plus" onPress={() => choose(false)}>
          Choose pictures
        </Action>
        <Action icon="plus" onPress={() => choose(true)}>
          Choose a folder
        </Action>
      </div>
    </div>
  );
}

function isVisible({ path }: FoundFile): boolean {
  return !path.split('/').some((part) => part.startsWith('.'));
}

interface OptionsProps {
  collectionId: string;
  onCollection(collectionId: string): void;
}

function Options({ collectionId, onCollection }: OptionsProps) {
  const { data: collections } = useCollectionNames();
  return (
    <div class="options">
      <label class="field">
        <span>Address in front of each path</span>
        <input
          value={urlPrefix.value}
          onInput={({ currentTarget }) => {
            urlPrefix.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        <span>Who found them</span>
        <input
          value={clientName.value}
          onInput={({ currentTarget }) => {
            clientName.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        <span>Add them to a collection too</span>
        <select value={collectionId} onChange={({ currentTarget }) => onCollection(currentTarget.value)}>
          <option value="">None</option>
          {collections?.map((collection) => (
            <option key={collection.collectionId} value={collection.collectionId}>
              {titleOf(collection)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Progress({ all }: { all: readonly Item[] }) {
  const settled = all.filter(({ state }) => state !== 'waiting');
  const bytesOf = (some: readonly Item[]) => some.reduce((sum, { file }) => sum + file.size, 0);
  const of = (state: Item['state']) => all.filter((item) => item.state === state).length;
  return (
    <section aria-label="Progress">
      <progress aria-label="Import" value={bytesOf(settled)} max={Math.max(bytesOf(all), 1)} />
      <p role="status">
        {settled.length} of {count(all.length, 'file')}, {bytesInWords(bytesOf(settled))} of{' '}
        {bytesInWords(bytesOf(all))}: {of('stored')} stored, {of('known')} there already, {of('failed')}{' '}
        failed
      </p>
      <ul class="problems">
        {all
          .filter(({ state }) => state === 'failed')
          .slice(0, 50)
          .map(({ path, problem }) => (
            <li key={path}>
              <strong>{path}</strong> {problem}
            </li>
          ))}
      </ul>
    </section>
  );
}

function Done({ all, retry }: { all: readonly Item[]; retry(): void }) {
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(reportOf(all));
    link.download = 'import.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  const hasFailed = all.some(({ state }) => state === 'failed');
  return (
    <>
      {hasFailed && (
        <Action
          onPress={() => {
            retryFailed();
            retry();
          }}
        >
          Retry what failed
        </Action>
      )}
      <Action icon="download" onPress={save}>
        Report as CSV
      </Action>
      <Action icon="close" onPress={clearItems}>
        Clear the list
      </Action>
    </>
  );
}
