import type { ServiceName } from '../../services/errors.js';
import type { FusedMatch } from '../similarity/fuse.js';
import { likenessOfEntry, likenessOfMatch, surest } from '../similarity/likeness.js';
import type { FoundEntry } from '../similarity/search-entries.js';
import type { SearchOutcome, SearchResult } from '../similarity/search-result.js';
import { fuseSimilarity, type Similarity } from '../similarity/similarity.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { EntryMatchType } from './entry.js';
import { ServiceNameEnum } from './errors.js';
import { ImageMatchType } from './image-match.js';
import { LIKENESS } from './likeness.js';
import { EntryRef } from './refs.js';

const SearchOutcomeEnum = builder.enumType('SearchOutcome', {
  description: 'How a search went.',
  values: {
    SEARCHED: { description: 'It was done; its list may be empty.' },
    NOT_APPLICABLE: { description: 'The picture cannot be searched there.' },
    FAILED: { description: 'The service failed; its list is null.' },
  } satisfies Record<SearchOutcome, object>,
});

interface Search {
  service: ServiceName;
  collectionId: string | null;
  outcome: SearchOutcome;
}

const SimilaritySearch = builder.objectRef<Search>('SimilaritySearch').implement({
  description: 'One search that was part of the answer.',
  fields: (t) => ({
    service: t.expose('service', { type: ServiceNameEnum, description: 'Where.' }),
    collectionId: t.exposeString('collectionId', {
      nullable: true,
      description:
        'In which collection; null for imgcache, and for a VisualSnoop of which no collection was asked.',
    }),
    outcome: t.expose('outcome', {
      type: SearchOutcomeEnum,
      description: 'How it went.',
    }),
  }),
});

const SimilarityMatch = builder.objectRef<FusedMatch<FoundEntry>>('SimilarityMatch').implement({
  description: 'One picture that was found, wherever it is.',
  fields: (t) => ({
    score: t.exposeFloat('score', { description: 'Only the order is meant to be compared.' }),
    contentHash: t.expose('contentHash', {
      type: 'ContentHash',
      nullable: true,
      description: 'The hash of its bytes, where that is known.',
    }),
    entry: t.field({
      type: EntryRef,
      nullable: true,
      description: 'The picture in imgcache, where imgcache found it.',
      resolve: ({ entryMatch }) => entryMatch?.entry ?? null,
    }),
    hammingDistance: t.int({
      nullable: true,
      description: 'In how many of 64 bits the perceptual hashes differ, where imgcache found it.',
      resolve: ({ entryMatch }) => entryMatch?.hammingDistance ?? null,
    }),
    images: t.expose('images', {
      type: [ImageMatchType],
      description: 'The picture in the collections: several when several hold it.',
    }),
    likeness: t.field({
      ...LIKENESS,
      description: 'The surest of what its entry and its images say.',
      resolve: ({ entryMatch, images }, _args, { visualsnoop: { mode } }) =>
        surest([
          ...(entryMatch ? [likenessOfEntry(entryMatch)] : []),
          ...images.map((image) => likenessOfMatch(image, mode)),
        ]),
    }),
    foundBy: t.expose('foundBy', {
      type: [ServiceNameEnum],
      description: 'The services that found it.',
    }),
  }),
});

export const SimilarityResult = builder.objectRef<Similarity>('SimilarityResult').implement({
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
      resolve: ({ entries }) => {
        throwIfFailed(entries);
        return entries.outcome === 'SEARCHED' ? [...entries.matches] : [];
      },
    }),
    images: t.field({
      type: [ImageMatchType],
      nullable: true,
      description: 'From VisualSnoop, all asked collections merged, lowest rank first.',
      resolve: ({ images, collections }) => {
        for (const { result } of collections) throwIfFailed(result);
        return [...images];
      },
    }),
    matches: t.field({
      type: [SimilarityMatch],
      nullable: true,
      description:
        'Both lists as one, each picture once, ordered by reciprocal rank fusion (k = 60). It ranks, it does not confirm: read hammingDistance and rank. Null when every search failed.',
      // Their resolver asks VisualSnoop for the content hashes of the images.
      extensions: callsService,
      resolve: (similarity, _args, context) => fuseSimilarity(similarity, context),
    }),
    searches: t.field({
      type: [SimilaritySearch],
      description: 'What was asked, and how it went.',
      resolve: ({ entries, collections }): Search[] => [
        { service: 'IMGCACHE', collectionId: null, outcome: entries.outcome },
        ...collections.map(({ collectionId, result: { outcome } }) => ({
          service: 'VISUALSNOOP' as const,
          collectionId,
          outcome,
        })),
      ],
    }),
  }),
});

function throwIfFailed(result: SearchResult<unknown>): void {
  if (result.outcome === 'FAILED') throw result.error;
}
