import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { addFiles } from '../collections/add-files.js';
import { type CollectionName, titleOf, useCollectionNames } from '../collections/names.js';
import { filesOfDrop } from '../import/files.js';
import { place } from '../router.js';
import { takeFiles } from '../similar/choose.js';
import { isDialogOpen } from './dialog.js';
import { Icon } from './icon.js';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes pictures that are dropped anywhere, or pasted. On the page of a collection they can be added to it. */
export function DropZone() {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  useLayoutEffect(() => {
    const listeners = {
      dragenter: (event: DragEvent) => hasFiles(event) && !isDialogOpen() && setOver(++depth.current > 0),
      dragleave: (event: DragEvent) => hasFiles(event) && setOver(--depth.current > 0),
      dragover: (event: DragEvent) => hasFiles(event) && event.preventDefault(),
      drop(event: DragEvent) {
        depth.current = 0;
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault(); // The browser would show the file in place of the page.
        const zone =
          event.target instanceof Element ? event.target.closest<HTMLElement>('[data-drop]') : null;
        if (!zone && !isDialogOpen() && event.dataTransfer)
          void filesOfDrop(event.dataTransfer).then(takeFiles);
      },
      paste(event: ClipboardEvent) {
        const files = filesOf(event.clipboardData);
        if (files.length === 0 || isDialogOpen()) return;
        event.preventDefault();
        takeFiles(files.map((file) => ({ path: file.name, file })));
      },
    };
    const entries = Object.entries(listeners) as [string, EventListener][];
    for (const [name, listener] of entries) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) removeEventListener(name, listener);
    };
  }, []);
  if (!isOver) return null;
  const { view } = place.value;
  return (
    <div class="drop-zone" aria-hidden="true">
      <div class="target">
        <Icon name="look" />
        <strong>Look-alikes</strong>
        <span>Drop it here. Nothing is stored.</span>
      </div>
      {view.name === 'collection' && <CollectionTarget collectionId={view.collectionId} />}
    </div>
  );
}

function CollectionTarget({ collectionId }: { collectionId: string }) {
  const problem = useProblem({ scope: 'WRITE' });
  const { data } = useCollectionNames();
  const collection = data?.find((each) => each.collectionId === collectionId);
  if (problem || !collection) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what has no mouse has the button "Add pictures…".
    <div
      class="target"
      data-drop="collection"
      onDrop={({ dataTransfer }) => dataTransfer && void addDropped(collection, dataTransfer)}
    >
      <Icon name="collections" />
      <strong>Add to {titleOf(collection)}</strong>
      <span>Drop pictures or folders here.</span>
    </div>
  );
}

async function addDropped(collection: CollectionName, data: DataTransfer): Promise<void> {
  const found = await filesOfDrop(data);
  await addFiles(
    collection,
    found.map(({ file }) => file),
  );
}

function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}
