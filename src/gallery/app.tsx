import { useEffect } from 'preact/hooks';
import { keyWanted } from './access/key.js';
import { KeyForm } from './access/key-form.js';
import { CollectionView } from './collections/collection-view.js';
import { CollectionsView } from './collections/collections-view.js';
import { undoLast } from './data/undo.js';
import { EntryView } from './detail/entry-view.js';
import { ImageView } from './detail/image-view.js';
import { hrefOfList } from './duplicates/address.js';
import { DuplicatesView } from './duplicates/duplicates-view.js';
import { GroupView } from './duplicates/group-view.js';
import { EntriesView } from './entries/entries-view.js';
import { focusSearch } from './entries/search-box.js';
import { marked, unmarkAll } from './grid/selection.js';
import { ImportView } from './import/import-view.js';
import { goBack, hrefOf, navigate, place, type View } from './router.js';
import { OpenDialog } from './shell/dialog.js';
import { DropZone } from './shell/drop-zone.js';
import { Header } from './shell/header.js';
import { openHelp, useShortcuts } from './shell/shortcuts.js';
import { Toasts } from './shell/toasts.js';
import { SimilarView } from './similar/similar-view.js';

/** The whole page. */
export function App() {
  const wanted = keyWanted.value;
  return (
    <>
      {wanted === null ? <Opened /> : <KeyForm reason={wanted} />}
      <Toasts />
    </>
  );
}

function Opened() {
  const { view } = place.value;
  useShortcuts((pressed, event) => {
    if (pressed === 'undo') undoLast();
    else if (pressed === '?') openHelp();
    else if (pressed === '/') focusSearch();
    else if (pressed === 'Escape') leaveOne();
    else return;
    event.preventDefault();
  });
  const title = TITLES[view.name];
  useEffect(() => {
    document.title = `${title} – Lookalike`;
  }, [title]);
  return (
    <>
      <Header />
      <div id="content" tabIndex={-1}>
        <Shown view={view} />
      </div>
      <DropZone />
      <OpenDialog />
    </>
  );
}

const TITLES: Readonly<Record<View['name'], string>> = {
  entries: 'Pictures',
  entry: 'Picture',
  similar: 'Look-alikes',
  collections: 'Collections',
  collection: 'Collection',
  image: 'Image',
  duplicates: 'Duplicates',
  group: 'Duplicates',
  import: 'Import',
  nowhere: 'Nothing here',
};

function Shown({ view }: { view: View }) {
  switch (view.name) {
    case 'entries':
      return <EntriesView />;
    case 'entry':
      return <EntryView contentHash={view.contentHash} />;
    case 'similar':
      return <SimilarView />;
    case 'collections':
      return <CollectionsView />;
    case 'collection':
      return <CollectionView collectionId={view.collectionId} />;
    case 'image':
      return <ImageView collectionId={view.collectionId} imageId={view.imageId} />;
    case 'duplicates':
      return <DuplicatesView />;
    case 'group':
      return <GroupView key={view.groupId} groupId={view.groupId} />;
    case 'import':
      return <ImportView />;
    case 'nowhere':
      return (
        <main>
          <section class="nothing">
            <h1>Nothing here</h1>
            <p>The gallery has no page at this address.</p>
            <a class="button" href={hrefOf({ name: 'entries' })}>
              All pictures
            </a>
          </section>
        </main>
      );
  }
}

/** Out of a selection first, then to where the reader came from; from one of many groups to the list. */
function leaveOne(): void {
  const { view, search } = place.value;
  if (marked.value.size > 0) unmarkAll();
  else if (view.name === 'group') navigate(hrefOfList(search));
  else if (view.name !== 'entries' || search.size > 0) goBack();
}
