import type { SimilarMatchesQuery } from '../generated.js';
import { entryTiles, imageTiles } from '../grid/tile.js';
import { Failure } from '../shell/failure.js';
import { useMatches } from './ask-similar.js';
import { ResultCard } from './result-card.js';
import type { Subject } from './subject.js';
import { bitsInWords, partInWords } from './words.js';

/** Each picture once, whoever found it, the surest first. */
export function OneList({ subject, distance }: { subject: Subject; distance: number }) {
  const asked = useMatches(subject);
  const { result, problem } = asked.data ?? {};
  const near = (result?.matches ?? []).filter(
    ({ hammingDistance, images }) => images.length > 0 || (hammingDistance ?? 0) <= distance,
  );
  const error = asked.error ?? problem;
  return (
    <section class="column" aria-busy={asked.isLoading}>
      <h2>
        Both <span class="how">each picture once</span>
      </h2>
      {asked.isLoading && <p class="hint">Looking…</p>}
      {error && <Failure what="Not all could be asked." error={error} retry={() => void asked.refetch()} />}
      <ul class="results">
        {near.map((match) => (
          <MatchCard key={idOf(match)} match={match} />
        ))}
      </ul>
      {!error && asked.isSuccess && near.length === 0 && <p class="hint">Nothing looks like it.</p>}
    </section>
  );
}

type Match = NonNullable<NonNullable<SimilarMatchesQuery['similar']>['matches']>[number];

function MatchCard({ match: { entry, images, likeness, hammingDistance } }: { match: Match }) {
  const [first] = images;
  const tile = entry ? entryTiles.tile(entry) : first && imageTiles.tile(first.image);
  if (!tile) return null;
  const numbers = [
    ...(hammingDistance === null ? [] : [bitsInWords(hammingDistance)]),
    ...(first ? [partInWords(first)] : []),
  ];
  const places = [
    ...(entry ? ['imgcache'] : []),
    ...images.map(({ image: { collection } }) => collection.name ?? collection.collectionId),
  ];
  return (
    <ResultCard tile={tile} likeness={likeness} numbers={numbers.join('; ')} where={places.join(', ')} />
  );
}

function idOf({ entry, images: [first] }: Match): string {
  return entry?.contentHash ?? (first ? imageTiles.id(first.image) : '');
}
