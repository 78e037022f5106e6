import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { entryTiles, imageTiles } from '../grid/tile.js';
import { Failure } from '../shell/failure.js';
import { announce } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { doesNotApply, failureOf, MAX_DISTANCE, useSimilarEntries, useSimilarImages } from './ask-similar.js';
import { ResultCard } from './result-card.js';
import type { Subject } from './subject.js';
import { bitsInWords, partInWords } from './words.js';

interface ColumnsProps {
  subject: Subject;
  distance: number;
}

/** Each service by itself: one that fails or is slow leaves the other as it is. */
export function BothColumns(props: ColumnsProps) {
  return (
    <div class="columns">
      <EntriesColumn {...props} />
      <ImagesColumn subject={props.subject} />
    </div>
  );
}

function EntriesColumn({ subject, distance }: ColumnsProps) {
  const asked = useSimilarEntries(subject);
  const { result, problem } = asked.data ?? {};
  const error = asked.error ?? failureOf(problem, 'entries');
  const all = result?.entries ?? [];
  const near = all.filter(({ hammingDistance }) => hammingDistance <= distance);
  const farther = all.length - near.length;
  const isFound = asked.isSuccess && !error;
  const found = isFound ? `${count(near.length, 'look-alike')} in imgcache` : '';
  useEffect(() => announce(found), [found]);
  return (
    <Column title="imgcache" how="by dHash" isLoading={asked.isLoading}>
      {error && <Failure what="imgcache gave no answer." error={error} retry={() => void asked.refetch()} />}
      <ul class="results">
        {near.map(({ entry, hammingDistance, likeness }) => (
          <ResultCard
            key={entry.contentHash}
            tile={entryTiles.tile(entry)}
            likeness={likeness}
            numbers={bitsInWords(hammingDistance)}
          />
        ))}
      </ul>
      {isFound && (
        <p class="hint">
          {doesNotApply(result, 'IMGCACHE')
            ? 'This is no picture with a dHash, so that imgcache cannot look for it.'
            : entriesInWords(near.length, farther, distance)}
        </p>
      )}
    </Column>
  );
}

function entriesInWords(near: number, farther: number, distance: number): string {
  const more =
    farther > 0 ? ` ${count(farther, 'more picture')} within ${MAX_DISTANCE} bits: move the slider.` : '';
  return near === 0 ? `Nothing within ${distance} bits.${more}` : more.trim();
}

function ImagesColumn({ subject }: { subject: Subject }) {
  const asked = useSimilarImages(subject);
  const { result, problem } = asked.data ?? {};
  const images = result?.images ?? [];
  const error = asked.error ?? failureOf(problem, 'images');
  return (
    <Column title="Collections" how="by look" isLoading={asked.isLoading}>
      {error && (
        <Failure
          what={images.length > 0 ? 'Some collections gave no answer.' : 'VisualSnoop gave no answer.'}
          error={error}
          retry={() => void asked.refetch()}
        />
      )}
      <ul class="results">
        {images.map((match) => (
          <ResultCard
            key={imageTiles.id(match.image)}
            tile={imageTiles.tile(match.image)}
            likeness={match.likeness}
            numbers={partInWords(match)}
            where={match.image.collection.name ?? match.image.collection.collectionId}
          />
        ))}
      </ul>
      {!error && asked.isSuccess && images.length === 0 && (
        <p class="hint">
          {doesNotApply(result, 'VISUALSNOOP')
            ? 'The collections cannot look for this.'
            : 'Nothing in the collections looks like it.'}
        </p>
      )}
    </Column>
  );
}

interface ColumnProps {
  title: string;
  how: string;
  isLoading: boolean;
  children: ComponentChildren;
}

function Column({ title, how, isLoading, children }: ColumnProps) {
  return (
    <section class="column" aria-busy={isLoading}>
      <h2>
        {title} <span class="how">{how}</span>
      </h2>
      {isLoading && <p class="hint">Looking…</p>}
      {children}
    </section>
  );
}
