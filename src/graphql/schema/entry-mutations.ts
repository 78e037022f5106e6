import { z } from 'zod';
import { inBucket } from '../../services/bucket.js';
import type { Entry, EntryName } from '../../services/entry.js';
import type { EntryOrigin, StoreStatus } from '../../services/entry-origin.js';
import { ServiceError } from '../../services/errors.js';
import { type StagedImage, TooManyBytesError } from '../../services/staged-image.js';
import { builder } from './builder.js';
import { callsService, callsServiceForEach } from './calls-service.js';
import { changeEach, changes, MAX_CHANGES } from './change-each.js';
import type { GraphContext } from './context.js';
import { bucketField, originFields, originRules, toOrigin } from './entry-origin.js';
import { asUnionMember, InvalidImageError, InvalidInputError, NotFoundError } from './errors.js';
import { encodeGlobalId, entryKey } from './global-id.js';
import { ImageInput, ownFilename, requirePicture, stageImage } from './image-input.js';
import { EntryRef } from './refs.js';
import { bucketText, checkInput } from './validation.js';

export const StoreEntryStatus = builder.enumType('StoreEntryStatus', {
  description:
    'UNCHANGED: bytes and URL were there already, or the original imgcache server had the bytes (it drops the new URL).',
  values: {
    CREATED: { description: 'The bytes are new.' },
    URL_ADDED: { description: 'The bytes were there, under other URLs.' },
    UNCHANGED: { description: 'There was nothing to do.' },
  } satisfies Record<StoreStatus, object>,
});

const StoreEntryInput = builder.inputType('StoreEntryInput', {
  description:
    "filename: kept as originalFilename, and the URL's last segment where there is none; the original imgcache server takes that in any case.",
  fields: (t) => ({
    image: t.field({ type: ImageInput, required: true, description: 'The bytes.' }),
    ...originFields(t),
  }),
});

const StoreEntrySuccess = builder
  .objectRef<{ entry: Entry; status: StoreStatus }>('StoreEntrySuccess')
  .implement({
    description: 'imgcache has the bytes.',
    fields: (t) => ({
      entry: t.expose('entry', { type: EntryRef, description: 'Their entry.' }),
      status: t.expose('status', {
        type: StoreEntryStatus,
        description: 'What had to be done.',
      }),
    }),
  });

builder.mutationField('storeEntry', (t) =>
  t.field({
    extensions: callsService,
    type: StoreEntrySuccess,
    description: 'imgcache: stores the bytes, or notes one more URL of bytes that are there. Safe to repeat.',
    errors: {
      types: [InvalidInputError, InvalidImageError, TooManyBytesError, ServiceError],
      union: { name: 'StoreEntryResult', description: 'What storing gives.' },
    },
    args: { input: t.arg({ type: StoreEntryInput, required: true, description: 'What to store.' }) },
    resolve: async (_root, { input }, context) => {
      const origin = checkInput(originRules, input);
      await using image = await stageImage(input.image, ['input', 'image'], context);
      await requirePicture(image);
      // The image goes with this function, so its end is waited for.
      return await storeImage(
        image,
        toOrigin(origin, await ownFilename(input.image)),
        origin.bucket,
        context,
      );
    },
  }),
);

/** Clears the loaders, so that reads after the mutation see it; the entry in its response stays. */
export async function storeImage(
  image: StagedImage,
  origin: EntryOrigin,
  bucket: string | null | undefined,
  { imgcache, loaders, scope }: GraphContext,
): Promise<{ entry: Entry; status: StoreStatus }> {
  const stored = await inBucket(imgcache, bucket)
    .store(image, origin, scope.changes('IMGCACHE'))
    .catch((error: unknown) => {
      throw asUnionMember(error);
    })
    .finally(() => loaders.entries.clearAll());
  loaders.entries.inBucket(bucket).byContentHash.prime(stored.entry.contentHash, stored.entry);
  return stored;
}

const DeleteEntryInput = builder.inputType('DeleteEntryInput', {
  description: 'Which entry to delete.',
  fields: (t) => ({
    contentHash: t.field({ type: 'ContentHash', required: true, description: 'The hash of the bytes.' }),
    bucket: bucketField(t),
  }),
});

const DeleteEntrySuccess = builder.objectRef<EntryName>('DeleteEntrySuccess').implement({
  description: 'The entry is gone, with all its URLs.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'The global id that it had.',
      resolve: (name) => encodeGlobalId('Entry', entryKey(name)),
    }),
    contentHash: t.expose('contentHash', { type: 'ContentHash', description: 'The hash of the bytes.' }),
  }),
});

/** Of a deletion: of one entry, or one of many. */
const DeleteEntryResult = builder.errorUnion('DeleteEntryResult', {
  description: 'What deleting gives.',
  types: [DeleteEntrySuccess, NotFoundError, ServiceError],
  resolveType: () => 'DeleteEntrySuccess',
});

builder.mutationField('deleteEntry', (t) =>
  t.field({
    extensions: callsService,
    type: DeleteEntryResult,
    description: 'imgcache: deletes the entry, with all its URLs. Images of collections stay as they are.',
    args: { input: t.arg({ type: DeleteEntryInput, required: true, description: 'Which entry.' }) },
    resolve: (_root, { input: { contentHash, bucket } }, context) =>
      deleteEntry(contentHash, bucket, context),
  }),
);

/** Clears the loaders, so that reads after the mutation see it. */
async function deleteEntry(
  contentHash: string,
  bucket: string | null | undefined,
  { imgcache, loaders, scope }: GraphContext,
): Promise<EntryName> {
  const deleted = await inBucket(imgcache, bucket)
    .delete(contentHash, scope.changes('IMGCACHE'))
    .finally(() => loaders.entries.clearAll());
  if (!deleted) throw new NotFoundError(`There is no entry ${contentHash}.`);
  // One in the bucket that is meant without a name has the id that reads without a name give.
  const isDefault = bucket != null && bucket === (await imgcache.defaultBucket?.(scope.reads('IMGCACHE')));
  return { contentHash, ...(bucket != null && !isDefault && { bucket }) };
}

const DeleteEntriesInput = builder.inputType('DeleteEntriesInput', {
  description: 'Which entries to delete.',
  fields: (t) => ({
    contentHashes: t.field({
      type: ['ContentHash'],
      required: true,
      description: `The hash of the bytes of each, at most ${MAX_CHANGES}. One that is given twice is deleted once.`,
    }),
    bucket: bucketField(t),
  }),
});

const DeleteEntriesSuccess = builder
  .objectRef<{ results: readonly (EntryName | Error)[] }>('DeleteEntriesSuccess')
  .implement({
    description: 'Each was tried: its result says what became of it.',
    fields: (t) => ({
      results: t.field({
        type: [DeleteEntryResult],
        description: 'In order of the input; one that was given twice has the same result twice.',
        resolve: ({ results }) => [...results],
      }),
    }),
  });

const manyHashes = z.object({ contentHashes: changes(z.string()), bucket: bucketText });

builder.mutationField('deleteEntries', (t) =>
  t.field({
    extensions: callsServiceForEach('contentHashes'),
    type: DeleteEntriesSuccess,
    description: `imgcache: deletes at most ${MAX_CHANGES} entries, as deleteEntry does; one result each, in order. One that fails leaves the others as they are. Safe to repeat.`,
    errors: {
      types: [InvalidInputError, ServiceError],
      union: { name: 'DeleteEntriesResult', description: 'What deleting several entries gives.' },
    },
    args: { input: t.arg({ type: DeleteEntriesInput, required: true, description: 'Which entries.' }) },
    resolve: async (_root, { input }, context) => {
      const { contentHashes, bucket } = checkInput(manyHashes, input);
      const results = await changeEach(
        contentHashes,
        (contentHash) => contentHash,
        (contentHash) => deleteEntry(contentHash, bucket, context),
      );
      return { results };
    },
  }),
);
