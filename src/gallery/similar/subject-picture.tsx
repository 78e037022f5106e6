import { useEntry } from '../detail/ask-entry.js';
import { useImage } from '../detail/ask-image.js';
import { Thumbnail } from '../grid/picture-cell.js';
import { entryTiles, imageTiles, type Tile } from '../grid/tile.js';
import { CopyButton } from '../shell/copy-button.js';
import { bytesInWords } from '../shell/units.js';
import type { ChosenPicture } from './choose.js';
import type { Subject } from './subject.js';

/** The picture that look-alikes are shown of. */
export function SubjectPicture({ subject }: { subject: Subject }) {
  switch (subject.kind) {
    case 'chosen':
      return <Chosen picture={subject.picture} />;
    case 'entry':
      return <OfEntry contentHash={subject.contentHash} />;
    case 'image':
      return <OfImage {...subject} />;
    case 'hash':
      return (
        <p class="fact-line">
          <code>{subject.perceptualHash}</code>
          <CopyButton text={subject.perceptualHash} what="the dHash" />
        </p>
      );
  }
}

function Chosen({ picture: { file, preview } }: { picture: ChosenPicture }) {
  return (
    <figure>
      <img
        class="checkered"
        src={preview}
        alt={file.name}
        onError={({ currentTarget }) => currentTarget.classList.add('broken')}
      />
      <figcaption>
        {file.name} · {bytesInWords(file.size)}
      </figcaption>
    </figure>
  );
}

function OfEntry({ contentHash }: { contentHash: string }) {
  const { data } = useEntry(contentHash);
  if (data === null) return <p class="hint">imgcache has no entry with this hash.</p>;
  return data ? <Stored tile={entryTiles.tile(data)} /> : <p class="hint">Reading…</p>;
}

function OfImage(key: { collectionId: string; imageId: string }) {
  const { data } = useImage(key);
  if (data === null) return <p class="hint">The collection has no such image.</p>;
  return data ? <Stored tile={imageTiles.tile(data)} /> : <p class="hint">Reading…</p>;
}

function Stored({ tile }: { tile: Tile }) {
  return (
    <figure>
      <a href={tile.href}>
        <Thumbnail tile={tile} sizes="320px" />
      </a>
      <figcaption>
        {tile.label} · {tile.facts}
      </figcaption>
    </figure>
  );
}
