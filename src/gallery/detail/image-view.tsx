import { useProblem } from '../access/viewer.js';
import { takeAwaySoon } from '../data/delete-pictures.js';
import { ImageDocument } from '../generated.js';
import { imageTiles, kindOf } from '../grid/tile.js';
import { hrefOf, navigate } from '../router.js';
import { addressHere } from '../settings.js';
import { Action } from '../shell/action.js';
import { Failure } from '../shell/failure.js';
import { Icon } from '../shell/icon.js';
import { bytesInWords, timeInWords } from '../shell/units.js';
import { LookAlikes } from '../similar/look-alikes.js';
import { useImage, type WholeImage } from './ask-image.js';
import { Copied, Fact, Facts } from './facts.js';
import { AsGraphQL } from './graphiql.js';
import { Viewer } from './viewer.js';

interface ImageKey {
  collectionId: string;
  imageId: string;
}

/** One image of a collection. */
export function ImageView({ collectionId, imageId }: ImageKey) {
  const { data: image, error, refetch } = useImage({ collectionId, imageId });
  if (error)
    return (
      <main>
        <Failure what="The image cannot be read." error={error} retry={() => void refetch()} />
      </main>
    );
  if (image === undefined) return <main class="hint center">Reading…</main>;
  if (image === null)
    return (
      <main>
        <section class="nothing">
          <h1>No such image</h1>
          <p>The collection has no image with the id {imageId}, or there is no such collection.</p>
        </section>
      </main>
    );
  return (
    <main class="detail">
      <div class="detail-top">
        <Viewer label={imageId} kind={kindOf(image.contentType)} view={image.view} fileUrl={image.fileUrl} />
        <aside class="card" aria-label="About this picture">
          <h1>{imageId}</h1>
          <ImageActions image={image} />
          <ImageFacts image={image} />
          <AsGraphQL query={ImageDocument} variables={{ collectionId, imageId }} />
        </aside>
      </div>
      <h2>Look-alikes</h2>
      <LookAlikes key={`${collectionId}/${imageId}`} subject={{ kind: 'image', collectionId, imageId }} />
    </main>
  );
}

function ImageActions({ image }: { image: WholeImage }) {
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const { collectionId } = image.collection;
  const takeAway = () => {
    navigate(hrefOf({ name: 'collection', collectionId }));
    takeAwaySoon([imageTiles.tile(image)]);
  };
  return (
    <div class="actions">
      {image.fileUrl && (
        <a class="button" href={addressHere(image.fileUrl)} download={image.imageId}>
          <Icon name="download" />
          <span>Download</span>
        </a>
      )}
      <Action icon="trash" kind="danger" problem={cannotWrite} onPress={takeAway}>
        Take away
      </Action>
    </div>
  );
}

function ImageFacts({ image }: { image: WholeImage }) {
  const { width, height, fileSizeBytes, contentType, imageTime, contentHash, entry, collection } = image;
  return (
    <Facts>
      <Fact name="Collection">
        <a href={hrefOf({ name: 'collection', collectionId: collection.collectionId })}>
          {collection.name ?? collection.collectionId}
        </a>
      </Fact>
      {width !== null && height !== null && (
        <Fact name="Size">
          {width} × {height} pixels{fileSizeBytes === null ? '' : `, ${bytesInWords(fileSizeBytes)}`}
        </Fact>
      )}
      {contentType && <Fact name="Type">{contentType}</Fact>}
      {imageTime && (
        <Fact name="Added">
          <time dateTime={imageTime}>{timeInWords(imageTime)}</time>
        </Fact>
      )}
      <Fact name="imgcache" wide>
        {entry ? (
          <a href={hrefOf({ name: 'entry', contentHash: entry.contentHash })}>the same picture</a>
        ) : (
          'no entry with these bytes is known'
        )}
      </Fact>
      {contentHash && (
        <Fact name="BLAKE2b-256" wide>
          <Copied text={contentHash} what="the hash of the bytes" />
        </Fact>
      )}
    </Facts>
  );
}
