import { brandWithType } from '@pothos/core';
import { bucketOf } from '../../services/bucket.js';
import type { Entry } from '../../services/entry.js';
import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../services/entry-query.js';
import type { Loaders } from '../loaders/loaders.js';
import { likenessOfEntry } from '../similarity/likeness.js';
import { type FoundEntry, searchEntries } from '../similarity/search-entries.js';
import { checkHammingDistance, checkKeys } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, FIRST } from './connection.js';
import type { GraphContext } from './context.js';
import { ABOUT_BUCKET } from './entry-origin.js';
import { decodeEntryKey, entryKey } from './global-id.js';
import { LIKENESS } from './likeness.js';
import { EntryRef } from './refs.js';
import { checkBucket, checkText } from './validation.js';

export const EntryMatchType = builder.objectRef<FoundEntry>('EntryMatch').implement({
  description: 'An entry that looks like the picture asked about.',
  fields: (t) => ({
    entry: t.expose('entry', { type: EntryRef, description: 'What was found.' }),
    hammingDistance: t.exposeInt('hammingDistance', {
      description: 'In how many of 64 bits the two perceptual hashes differ.',
    }),
    likeness: t.field({ ...LIKENESS, resolve: likenessOfEntry }),
  }),
});

builder.node(EntryRef, {
  description: 'An image in imgcache: where it came from, and what is known of it.',
  id: {
    description: 'The global id, stable over restarts and between embedded and remote services.',
    resolve: entryKey,
  },
  fields: (t) => ({
    contentHash: t.expose('contentHash', { type: 'ContentHash', description: 'The hash of the bytes.' }),
    url: t.exposeString('url', { description: 'The URL that the bytes were first stored under.' }),
    contentType: t.exposeString('contentType', {
      description: 'The MIME type, by the bytes and not by the name.',
    }),
    fileSizeBytes: t.exposeFloat('fileSizeBytes', { description: 'A whole number of bytes.' }),
    originalFilename: t.string({
      nullable: true,
      description: "The file name given when it was stored, else the last segment of the URL's path.",
      resolve: (entry, _args, { loaders }) => ofWhole(entry, loaders, 'originalFilename'),
    }),
    width: t.exposeInt('width', { nullable: true, description: 'In pixels, before any EXIF rotation.' }),
    height: t.exposeInt('height', { nullable: true, description: 'In pixels, before any EXIF rotation.' }),
    perceptualHash: t.field({
      type: 'PerceptualHash',
      nullable: true,
      description: 'dHash of the picture; null for what could not be decoded.',
      resolve: (entry, _args, { loaders }) => ofWhole(entry, loaders, 'perceptualHash'),
    }),
    bucket: t.string({
      nullable: true,
      description: 'The bucket that it is in, which may be the empty one; null where imgcache has none.',
      resolve: (entry, _args, { imgcache, scope }) => bucketOf(entry, imgcache, scope.reads('IMGCACHE')),
    }),
    clientName: t.exposeString('clientName', { description: 'Who stored it first.' }),
    lookupTime: t.expose('lookupTime', { type: 'DateTime', description: 'When that client found it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored first.' }),
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
      resolve: async (entry, { maxHammingDistance, first: given }, { loaders }) => {
        checkHammingDistance(maxHammingDistance);
        const first = checkFirst(given);
        const entries = loaders.entries.inBucket(entry.bucket);
        const { perceptualHash, contentHash: itself } = await entries.whole(entry);
        if (perceptualHash === null) return null;
        return searchEntries({ perceptualHash, maxHammingDistance, first, itself }, entries);
      },
    }),
  }),
});

/** A field that lists may leave out. */
function ofWhole<Name extends 'originalFilename' | 'perceptualHash'>(
  entry: Entry,
  { entries }: Loaders,
  name: Name,
): Promise<Entry[Name]> | Entry[Name] {
  if (!entry.brief) return entry[name];
  return Promise.resolve(entries.inBucket(entry.bucket).whole(entry)).then((whole) => whole[name]);
}

/** For `node`: null for a key that is no content hash, or that imgcache does not have. */
export async function loadEntryNode(key: string, { loaders }: GraphContext): Promise<Entry | null> {
  const name = decodeEntryKey(key);
  if (!name) return null;
  const entry = await loaders.entries.inBucket(name.bucket).byContentHash.load(name.contentHash);
  if (entry) brandWithType(entry, EntryRef);
  return entry;
}

/** The argument of those that read from one bucket. */
const BUCKET = {
  description: ABOUT_BUCKET,
} as const;

builder.queryFields((t) => ({
  buckets: t.stringList({
    extensions: callsService,
    nullable: true,
    description: 'The buckets of imgcache that something is in, by name; null where it has none.',
    resolve: async (_root, _args, { imgcache, scope }) => {
      const names = await imgcache.listBuckets?.(scope.reads('IMGCACHE'));
      return names ? [...names] : null;
    },
  }),
  entry: t.field({
    extensions: callsService,
    type: EntryRef,
    nullable: true,
    description: 'The entry with these bytes; null when there is none.',
    args: {
      contentHash: t.arg({ type: 'ContentHash', required: true, description: 'The hash of the bytes.' }),
      bucket: t.arg.string(BUCKET),
    },
    resolve: (_root, { contentHash, bucket }, { loaders }) =>
      loaders.entries.inBucket(checkBucket('bucket', bucket)).byContentHash.load(contentHash),
  }),
  entryByUrl: t.field({
    extensions: callsService,
    type: EntryRef,
    nullable: true,
    description: 'The entry with the newest createdAt among those stored under exactly this URL.',
    args: {
      url: t.arg.string({ required: true, description: 'The URL, letter by letter.' }),
      bucket: t.arg.string(BUCKET),
    },
    resolve: (_root, { url, bucket }, { loaders }) =>
      loaders.entries.inBucket(checkBucket('bucket', bucket)).byUrl.load(checkText('url', url)),
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
      bucket: t.arg.string(BUCKET),
    },
    resolve: (_root, { contentHashes, bucket }, { loaders }) => {
      const { byContentHash } = loaders.entries.inBucket(checkBucket('bucket', bucket));
      return checkKeys('contentHashes', contentHashes).map((hash) => byContentHash.load(hash));
    },
  }),
  entriesByUrl: t.field({
    extensions: callsService,
    type: [EntryRef],
    nullable: { list: true, items: true },
    description: 'In order of the arguments, null for absent. At most 100.',
    args: {
      urls: t.arg.stringList({ required: true, description: 'At most 100 URLs.' }),
      bucket: t.arg.string(BUCKET),
    },
    resolve: (_root, { urls, bucket }, { loaders }) => {
      const { byUrl } = loaders.entries.inBucket(checkBucket('bucket', bucket));
      return (
        checkKeys('urls', urls)
          // First all of them: a load that fails when nobody waits for it any more ends the process.
          .map((url) => checkText('urls', url))
          .map((url) => byUrl.load(url))
      );
    },
  }),
}));
