import type { Entry, EntryMatch } from '../services/imgcache/api.js';
import type { ServiceName } from '../services/service.js';
import { checkFirst, checkHammingDistance } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';
import { EntryMatchType, EntryType, findSimilarEntries } from './entry.js';
import { ServiceNameEnum } from './errors.js';
import { ImageInput, readPicture } from './image-input.js';

/** The constant of reciprocal rank fusion: how little the very first places count above the next ones. */
const FUSION_K = 60;

type SearchOutcome = 'SEARCHED' | 'NOT_APPLICABLE' | 'FAILED';

/** A list of matches, or why there is none. */
type Searched<T> = { outcome: SearchOutcome; matches: T[] } | { outcome: 'FAILED'; error: unknown };

interface Similarity {
  perceptualHash: string | null;
  entries: Searched<EntryMatch>;
}

interface SimilarityMatch {
  score: number;
  entryMatch: EntryMatch;
  foundBy: ServiceName[];
}

const SearchOutcomeEnum = builder.enumType('SearchOutcome', {
  description: 'How a search went.',
  values: {
    SEARCHED: { description: 'It was done; its list may be empty.' },
    NOT_APPLICABLE: { description: 'The picture cannot be searched there.' },
    FAILED: { description: 'The service failed; its list is null.' },
  } satisfies Record<SearchOutcome, object>,
});

const SimilaritySearch = builder
  .objectRef<{ service: ServiceName; collectionId: string | null; outcome: SearchOutcome }>(
    'SimilaritySearch',
  )
  .implement({
    description: 'One search that was part of the answer.',
    fields: (t) => ({
      service: t.field({ type: ServiceNameEnum, description: 'Where.', resolve: ({ service }) => service }),
      collectionId: t.exposeString('collectionId', {
        nullable: true,
        description: 'In which collection, where the service has collections.',
      }),
      outcome: t.field({
        type: SearchOutcomeEnum,
        description: 'How it went.',
        resolve: ({ outcome }) => outcome,
      }),
    }),
  });

const SimilarityMatchType = builder.objectRef<SimilarityMatch>('SimilarityMatch').implement({
  description: 'One picture that was found, wherever it is.',
  fields: (t) => ({
    score: t.exposeFloat('score', { description: 'Only the order is meant to be compared.' }),
    contentHash: t.field({
      type: 'ContentHash',
      nullable: true,
      description: 'BLAKE2b-256 of its bytes, where that is known.',
      resolve: ({ entryMatch }) => entryMatch.entry.contentHash,
    }),
    entry: t.field({
      type: EntryType,
      nullable: true,
      description: 'The picture in imgcache.',
      resolve: ({ entryMatch }) => entryMatch.entry,
    }),
    hammingDistance: t.int({
      nullable: true,
      description: 'In how many of 64 bits the perceptual hashes differ, where imgcache found it.',
      resolve: ({ entryMatch }) => entryMatch.hammingDistance,
    }),
    foundBy: t.field({
      type: [ServiceNameEnum],
      description: 'The services that found it.',
      resolve: ({ foundBy }) => foundBy,
    }),
  }),
});

const SimilarityResult = builder.objectRef<Similarity>('SimilarityResult').implement({
  description: 'What looks like the picture asked about.',
  fields: (t) => ({
    perceptualHash: t.expose('perceptualHash', {
      type: 'PerceptualHash',
      nullable: true,
      description: 'dHash of the picture asked about, where it has one.',
    }),
    entries: t.field({
      type: [EntryMatchType],
      nullable: true,
      description: 'From imgcache, nearest first.',
      resolve: ({ entries }) => matchesOf(entries),
    }),
    matches: t.field({
      type: [SimilarityMatchType],
      nullable: true,
      description:
        'Both lists as one, each picture once, ordered by reciprocal rank fusion (k = 60). It ranks, it does not confirm: read hammingDistance and rank. Null when every search failed.',
      resolve: ({ entries }) => ('error' in entries ? null : fuse(entries.matches)),
    }),
    searches: t.field({
      type: [SimilaritySearch],
      description: 'What was asked, and how it went.',
      resolve: ({ entries }) => [
        { service: 'IMGCACHE' as const, collectionId: null, outcome: entries.outcome },
      ],
    }),
  }),
});

const SimilarToInput = builder.inputType('SimilarToInput', {
  description: 'The picture to find look-alikes of, in one of these ways.',
  isOneOf: true,
  fields: (t) => ({
    image: t.field({ type: ImageInput, description: 'Its bytes.' }),
    contentHash: t.field({
      type: 'ContentHash',
      description: 'An entry of imgcache; itself left out of the answer.',
    }),
    perceptualHash: t.field({ type: 'PerceptualHash', description: 'imgcache only.' }),
  }),
});

builder.queryField('similar', (t) =>
  t.field({
    extensions: callsService,
    type: SimilarityResult,
    nullable: true,
    description:
      'Finds pictures that look like the given one. A service that fails leaves its own list null, with an error that names it; one that does not apply leaves an empty list; searches says which.',
    args: {
      to: t.arg({ type: SimilarToInput, required: true, description: 'The picture asked about.' }),
      maxHammingDistance: t.arg.int({
        required: true,
        defaultValue: 4,
        description: 'imgcache: in how many of 64 bits the hashes may differ, 0 to 64.',
      }),
      first: t.arg.int({ required: true, defaultValue: 20, description: 'How many of each list, 1 to 100.' }),
    },
    resolve: async (_root, { to, maxHammingDistance, first }, context): Promise<Similarity> => {
      const distance = checkHammingDistance(maxHammingDistance);
      checkFirst(first);
      const { perceptualHash, itself } = await readQuestion(to, context);
      if (perceptualHash === null)
        return { perceptualHash, entries: { outcome: 'NOT_APPLICABLE', matches: [] } };
      const search = findSimilarEntries(perceptualHash, distance, first, context, itself);
      const entries = await search.then(
        (matches) => ({ outcome: 'SEARCHED' as const, matches }),
        (error: unknown) => ({ outcome: 'FAILED' as const, error }),
      );
      return { perceptualHash, entries };
    },
  }),
);

/** The hash to search with; null where the picture has none. */
async function readQuestion(
  to: typeof SimilarToInput.$inferInput,
  context: GraphContext,
): Promise<{ perceptualHash: string | null; itself?: Entry | null }> {
  if (to.image) return readPicture(to.image, ['to', 'image'], context);
  if (to.perceptualHash) return { perceptualHash: to.perceptualHash };
  const itself = await context.loaders.entries.byContentHash.load(to.contentHash!);
  return { perceptualHash: itself?.perceptualHash ?? null, itself };
}

function matchesOf<T>(searched: Searched<T>): T[] {
  if ('error' in searched) throw searched.error;
  return searched.matches;
}

function fuse(entries: readonly EntryMatch[]): SimilarityMatch[] {
  return entries.map((entryMatch, index) => ({
    score: 1 / (FUSION_K + index + 1),
    entryMatch,
    foundBy: ['IMGCACHE'],
  }));
}
