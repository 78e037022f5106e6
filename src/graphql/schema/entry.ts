import { brandWithType } from '@pothos/core';
import { z } from 'zod';
import { isContentHash } from '../../services/content-hash.js';
import type { Entry, EntryFilter, EntryPosition } from '../../services/imgcache.js';
import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../services/imgcache.js';
import { type FoundEntry, searchEntries } from '../similarity/search-entries.js';
import { checkHammingDistance, checkKeys } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, encodeCursor, FIRST, readCursor, toConnection } from './connection.js';
import type { GraphContext } from './context.js';
import { LIKENESS } from './likeness.js';
import { EntryRef, ImageRef } from './refs.js';
import { checkCollectionIds, checkText, timeText } from './validation.js';

export const EntryMatchType = builder.objectRef<FoundEntry>('EntryMatch').implement({
  description: 'An entry that looks like the picture asked about.',
  fields: (t) => ({
    entry: t.expose('entry', { type: EntryRef, description: 'What was found.' }),
    hammingDistance: t.exposeInt('hammingDistance', {
      description: 'In how many of 64 bits the two perceptual hashes differ.',
    }),
    likeness: t.expose('likeness', LIKENESS),
  }),
});

builder.node(EntryRef, {
  description: 'An image in imgcache: where it came from, and what is known of it.',
  id: {
    description: 'The global id, stable over restarts and between embedded and remote services.',
    resolve: ({ contentHash }) => contentHash,
  },
  fields: (t) => ({
    contentHash: t.expose('contentHash', { type: 'ContentHash', description: 'BLAKE2b-256 of the bytes.' }),
    url: t.exposeString('url', { description: 'The URL that the bytes were first stored under.' }),
    urls: t.stringList({
      extensions: callsService,
      description:
        'Every URL that these bytes were stored under, the first one first. The original imgcache server knows only the first.',
      resolve: (entry, _args, { loaders }) => loaders.entries.urlsOf(entry),
    }),
    contentType: t.exposeString('contentType', {
      description: 'The MIME type, by the bytes and not by the name.',
    }),
    fileSizeBytes: t.exposeFloat('fileSizeBytes', { description: 'A whole number of bytes.' }),
    originalFilename: t.exposeString('originalFilename', {
      nullable: true,
      description: "The file name given when it was stored, else the last segment of the URL's path.",
    }),
    width: t.exposeInt('width', { nullable: true, description: 'In pixels, before any EXIF rotation.' }),
    height: t.exposeInt('height', { nullable: true, description: 'In pixels, before any EXIF rotation.' }),
    perceptualHash: t.expose('perceptualHash', {
      type: 'PerceptualHash',
      nullable: true,
      description: 'dHash of the picture; null for what could not be decoded.',
    }),
    clientName: t.exposeString('clientName', { description: 'Who stored it first.' }),
    lookupTime: t.expose('lookupTime', { type: 'DateTime', description: 'When that client found it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored first.' }),
    collectionImages: t.field({
      type: [ImageRef],
      nullable: true,
      description:
        'The same picture in the collections. A remote VisualSnoop finds only images whose id is the content hash.',
      extensions: callsService,
      args: {
        collectionIds: t.arg.stringList({ description: 'At most 100 collections; null means all.' }),
        first: t.arg.int(FIRST),
      },
      resolve: async ({ contentHash }, { collectionIds: ids, first }, { loaders }) => {
        const limit = checkFirst(first);
        const collectionIds = ids ? checkCollectionIds(ids) : null;
        return [...(await loaders.collections.copies.load({ contentHash, collectionIds, limit }))];
      },
    }),
    similar: t.field({
      extensions: callsService,
      type: [EntryMatchType],
      nullable: true,
      description:
        'Nearest first, the entry itself left out; null when it has no perceptual hash. Not pageable. maxHammingDistance: 0 to 64.',
      args: {
        maxHammingDistance: t.arg.int({
          required: true,
          defaultValue: DEFAULT_MAX_HAMMING_DISTANCE,
          description: 'In how many of 64 bits the hashes may differ, 0 to 64.',
        }),
        first: t.arg.int(FIRST),
      },
      resolve: async (
        { perceptualHash, contentHash: itself },
        { maxHammingDistance, first },
        { loaders },
      ) => {
        checkHammingDistance(maxHammingDistance);
        checkFirst(first);
        if (perceptualHash === null) return null;
        return searchEntries({ perceptualHash, maxHammingDistance, first, itself }, loaders);
      },
    }),
  }),
});

/** For `node`: null for a key that is no content hash, or that imgcache does not have. */
export async function loadEntryNode(contentHash: string, { loaders }: GraphContext): Promise<Entry | null> {
  if (!isContentHash(contentHash)) return null;
  const entry = await loaders.entries.byContentHash.load(contentHash);
  if (entry) brandWithType(entry, EntryRef);
  return entry;
}

builder.queryFields((t) => ({
  entry: t.field({
    extensions: callsService,
    type: EntryRef,
    nullable: true,
    description: 'The entry with these bytes; null when there is none.',
    args: {
      contentHash: t.arg({ type: 'ContentHash', required: true, description: 'BLAKE2b-256 of the bytes.' }),
    },
    resolve: (_root, { contentHash }, { loaders }) => loaders.entries.byContentHash.load(contentHash),
  }),
  entryByUrl: t.field({
    extensions: callsService,
    type: EntryRef,
    nullable: true,
    description: 'The entry with the newest createdAt among those stored under exactly this URL.',
    args: { url: t.arg.string({ required: true, description: 'The URL, letter by letter.' }) },
    resolve: (_root, { url }, { loaders }) => loaders.entries.byUrl.load(checkText('url', url)),
  }),
  entriesByContentHash: t.field({
    extensions: callsService,
    type: [EntryRef],
    nullable: { list: true, items: true },
    description: 'In order of the arguments, null for absent. At most 100.',
    args: {
      contentHashes: t.arg({
        type: ['ContentHash'],
        required: true,
        description: 'At most 100 content hashes.',
      }),
    },
    resolve: (_root, { contentHashes }, { loaders }) =>
      checkKeys('contentHashes', contentHashes).map((hash) => loaders.entries.byContentHash.load(hash)),
  }),
  entriesByUrl: t.field({
    extensions: callsService,
    type: [EntryRef],
    nullable: { list: true, items: true },
    description: 'In order of the arguments, null for absent. At most 100.',
    args: { urls: t.arg.stringList({ required: true, description: 'At most 100 URLs.' }) },
    resolve: (_root, { urls }, { loaders }) =>
      checkKeys('urls', urls)
        // First all of them: a load that fails when nobody waits for it any more ends the process.
        .map((url) => checkText('urls', url))
        .map((url) => loaders.entries.byUrl.load(url)),
  }),
}));

const EntryFilterInput = builder.inputType('EntryFilter', {
  description:
    'All given conditions hold. A remote imgcache knows only urlContains; the gateway applies the rest.',
  fields: (t) => ({
    urlContains: t.string({
      description:
        "A plain substring of any of the entry's URLs, ASCII letters in either case: % and _ are themselves.",
    }),
    clientName: t.string({ description: 'Exactly the client that stored the entry first.' }),
    contentType: t.string({ description: 'Exactly this MIME type, such as image/jpeg.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Created at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this time.' }),
  }),
});

const entryPosition = z
  .tuple([timeText, z.string().refine(isContentHash)])
  .transform(([createdAt, contentHash]): EntryPosition => ({ createdAt, contentHash }));

const EntryConnection = builder.connectionObject(
  {
    type: EntryRef,
    name: 'EntryConnection',
    description: 'A page of entries.',
    edgesNullable: false,
    nodeNullable: false,
  },
  { name: 'EntryEdge', description: 'An entry and its place in the list.' },
);

builder.queryField('entries', (t) =>
  t.field({
    extensions: callsService,
    type: EntryConnection,
    nullable: true,
    description: 'By createdAt, newest first, then contentHash. first: 1 to 100. Cursors survive deletions.',
    args: {
      filter: t.arg({ type: EntryFilterInput, description: 'Absent means all entries.' }),
      first: t.arg.int(FIRST),
      after: t.arg.string({ description: 'The endCursor of the page before.' }),
    },
    resolve: async (_root, { filter, first, after }, { loaders }) => {
      const limit = checkFirst(first) + 1;
      const position = readCursor(after, entryPosition);
      const conditions = readFilter(filter ?? {});
      const query = {
        order: 'NEWEST_FIRST',
        limit,
        filter: conditions,
        ...(position && { after: position }),
      } as const;
      const entries = await loaders.entries.page.load(query);
      return toConnection(entries, first, after, ({ createdAt, contentHash }) =>
        encodeCursor(createdAt, contentHash),
      );
    },
  }),
);

/** Conditions that were given as null count as absent. */
function readFilter(filter: typeof EntryFilterInput.$inferInput): EntryFilter {
  for (const key of ['urlContains', 'clientName', 'contentType'] as const)
    if (filter[key]) checkText(`filter.${key}`, filter[key]);
  return Object.fromEntries(Object.entries(filter).filter(([, condition]) => condition != null));
}
