import { useProblem } from '../access/viewer.js';
import { addToCollection } from '../collections/add-dialog.js';
import { deleteEntriesSoon } from '../data/delete-pictures.js';
import { EntryDocument } from '../generated.js';
import { entryTiles, kindOf, nameOf } from '../grid/tile.js';
import { hrefOf, navigate } from '../router.js';
import { addressHere } from '../settings.js';
import { Action } from '../shell/action.js';
import { Failure } from '../shell/failure.js';
import { Icon } from '../shell/icon.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { bytesInWords, timeInWords } from '../shell/units.js';
import { LookAlikes } from '../similar/look-alikes.js';
import { useEntry, useMemberships, type WholeEntry } from './ask-entry.js';
import { Copied, Fact, Facts, Source } from './facts.js';
import { AsGraphQL } from './graphiql.js';
import { Viewer } from './viewer.js';

/** One entry of imgcache: large, with all that is known of it, and what looks like it. */
export function EntryView({ contentHash }: { contentHash: string }) {
  const { data: entry, error, refetch } = useEntry(contentHash);
  if (error)
    return (
      <main>
        <Failure what="The entry cannot be read." error={error} retry={() => void refetch()} />
      </main>
    );
  if (entry === undefined) return <main class="hint center">Reading…</main>;
  if (entry === null)
    return (
      <main>
        <section class="nothing">
          <h1>No such entry</h1>
          <p>imgcache has nothing with the hash {contentHash}.</p>
        </section>
      </main>
    );
  return (
    <main class="detail">
      <div class="detail-top">
        <Viewer
          label={nameOf(entry)}
          kind={kindOf(entry.contentType)}
          view={entry.view}
          fileUrl={entry.fileUrl}
        />
        <aside class="card" aria-label="About this picture">
          <h1>{nameOf(entry)}</h1>
          <EntryActions entry={entry} />
          <EntryFacts entry={entry} />
          <AsGraphQL query={EntryDocument} variables={{ contentHash }} />
        </aside>
      </div>
      <h2>Look-alikes</h2>
      <LookAlikes key={contentHash} subject={{ kind: 'entry', contentHash }} />
    </main>
  );
}

function EntryActions({ entry }: { entry: WholeEntry }) {
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const cannotDelete = useProblem({ scope: 'WRITE', unlimited: true });
  const add = () => addToCollection([entryTiles.tile(entry)]);
  const remove = () => {
    navigate(hrefOf({ name: 'entries' }));
    deleteEntriesSoon([entry.contentHash]);
  };
  useShortcuts((pressed) => {
    if (pressed === 'c' && !cannotWrite) add();
    if (pressed === 'Delete' && !cannotDelete) remove();
    if (pressed === 's') navigate(hrefOf({ name: 'similar' }, { to: entry.contentHash }));
  });
  return (
    <div class="actions">
      <Action icon="collections" problem={cannotWrite} onPress={add}>
        Add to collection…
      </Action>
      <a
        class="button"
        href={addressHere(entry.fileUrl)}
        download={entry.originalFilename || entry.contentHash}
      >
        <Icon name="download" />
        <span>Download</span>
      </a>
      <Action icon="trash" kind="danger" problem={cannotDelete} onPress={remove}>
        Delete
      </Action>
    </div>
  );
}

function EntryFacts({ entry }: { entry: WholeEntry }) {
  const { width, height, urls, perceptualHash } = entry;
  return (
    <Facts>
      <Fact name="Size">
        {width && height ? `${width} × ${height} pixels, ` : ''}
        {bytesInWords(entry.fileSizeBytes)}
      </Fact>
      <Fact name="Type">{entry.contentType}</Fact>
      <Fact name={urls.length === 1 ? 'Address' : `${urls.length} addresses`} wide>
        {urls.map((url) => (
          <Source key={url} url={url} />
        ))}
      </Fact>
      <Fact name="Found by">{entry.clientName}</Fact>
      <Fact name="Found">
        <time dateTime={entry.lookupTime}>{timeInWords(entry.lookupTime)}</time>
      </Fact>
      <Fact name="Stored">
        <time dateTime={entry.createdAt}>{timeInWords(entry.createdAt)}</time>
      </Fact>
      <Fact name="Collections" wide>
        <Memberships contentHash={entry.contentHash} />
      </Fact>
      <Fact name="BLAKE2b-256" wide>
        <Copied text={entry.contentHash} what="the hash of the bytes" />
      </Fact>
      <Fact name="dHash" wide>
        {perceptualHash ? <Copied text={perceptualHash} what="the dHash" /> : 'none: it could not be decoded'}
      </Fact>
    </Facts>
  );
}

function Memberships({ contentHash }: { contentHash: string }) {
  const { data: images, error, refetch } = useMemberships(contentHash);
  if (error) return <Failure what="They cannot be asked." error={error} retry={() => void refetch()} />;
  if (!images) return <span>…</span>;
  if (images.length === 0) return <span>in none</span>;
  return (
    <ul class="plain-list">
      {images.map(({ imageId, collection: { collectionId, name } }) => (
        <li key={`${collectionId}/${imageId}`}>
          <a href={hrefOf({ name: 'image', collectionId, imageId })}>{name ?? collectionId}</a>
        </li>
      ))}
    </ul>
  );
}
