import { z } from 'zod';
import { inBucket } from '../../services/bucket.js';
import type { Entry } from '../../services/entry.js';
import { ServiceError } from '../../services/errors.js';
import { contentHashAt } from '../../services/imgcache.js';
import type { StagedImage } from '../../services/staged-image.js';
import { builder } from './builder.js';
import { callsServiceForEach } from './calls-service.js';
import { changeEach, changes, MAX_CHANGES } from './change-each.js';
import type { GraphContext } from './context.js';
import { bucketField } from './entry-origin.js';
import { asUnionMember, InvalidInputError, NotFoundError } from './errors.js';
import { requirePicture } from './image-input.js';
import { AddImageResult } from './image-mutations.js';
import { type Added, addByContentHash, requireCollection } from './ingest-image.js';
import { bucketText, checkInput, keyText } from './validation.js';

const AddEntriesToCollectionInput = builder.inputType('AddEntriesToCollectionInput', {
  description: 'Which entries to add, and to which collection.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'The collection to add them to.' }),
    contentHashes: t.field({
      type: ['ContentHash'],
      required: true,
      description: `The content hash of each, at most ${MAX_CHANGES}. One that is given twice is added once.`,
    }),
    bucket: bucketField(t),
  }),
});

const AddEntriesToCollectionSuccess = builder
  .objectRef<{ results: readonly (Added | Error)[] }>('AddEntriesToCollectionSuccess')
  .implement({
    description: 'Each was tried: its result says what became of it.',
    fields: (t) => ({
      results: t.field({
        type: [AddImageResult],
        description:
          'In order of the input; one that was given twice has the same result twice. UNCHANGED: the collection had it already.',
        resolve: ({ results }) => [...results],
      }),
    }),
  });

const entriesToAdd = z.object({
  collectionId: keyText,
  contentHashes: changes(z.string()),
  bucket: bucketText,
});

builder.mutationField('addEntriesToCollection', (t) =>
  t.field({
    type: AddEntriesToCollectionSuccess,
    description: `Both: at most ${MAX_CHANGES} entries that are in imgcache become images of a collection, under their content hash, without sending the bytes again; one result each, in order. Safe to repeat.`,
    extensions: callsServiceForEach('contentHashes'),
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: {
        name: 'AddEntriesToCollectionResult',
        description: 'What adding entries to a collection gives.',
      },
    },
    args: {
      input: t.arg({ type: AddEntriesToCollectionInput, required: true, description: 'What to add.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { collectionId, contentHashes, bucket } = checkInput(entriesToAdd, input);
      await requireCollection(collectionId, context);
      const results = await changeEach(
        contentHashes,
        (contentHash) => contentHash,
        (contentHash) => addEntry(collectionId, contentHash, bucket, context),
      );
      return { results };
    },
  }),
);

/** Where both services are embedded the bytes stay where they are; else they are streamed from one to the other. */
async function addEntry(
  collectionId: string,
  contentHash: string,
  bucket: string | null | undefined,
  context: GraphContext,
): Promise<Added> {
  const { visualsnoop, loaders, scope } = context;
  const entry = await loaders.entries.inBucket(bucket).byContentHash.load(contentHash);
  if (!entry) throw noEntry(contentHash);
  if (visualsnoop.addKnownImage) {
    const added = await visualsnoop
      .addKnownImage(collectionId, contentHash, scope.changes('VISUALSNOOP'))
      .catch((error: unknown) => {
        throw asUnionMember(error);
      })
      .finally(() => loaders.collections.clearAll());
    if (added) return added;
  } else {
    const there = await loaders.collections.image.load({ collectionId, imageId: contentHash });
    if (there) return { image: there, status: 'UNCHANGED' };
  }
  await using image = await stageEntry(entry, context);
  await requirePicture(image);
  return await addByContentHash(collectionId, image, contentHash, context);
}

/** Receives the bytes of an entry. The caller disposes of them. */
async function stageEntry(
  entry: Entry,
  { imgcache, staging, maxUploadBytes: maxBytes, scope }: GraphContext,
): Promise<StagedImage> {
  const { contentHash } = entry;
  const bytes = await inBucket(imgcache, entry.bucket).getBytes(
    contentHash,
    undefined,
    scope.reads('IMGCACHE'),
    entry,
  );
  if (!bytes) throw noEntry(contentHash);
  try {
    const image = await staging.stage(bytes.stream, { maxBytes, signal: scope.gone });
    if ((await contentHashAt(imgcache, image, scope.reads('IMGCACHE'))) === contentHash) return image;
    await image[Symbol.asyncDispose]();
  } finally {
    // Where staging fails before it reads, as on a full disk, the stream would hold its connection.
    bytes.stream.destroy();
  }
  throw new ServiceError('imgcache gave other bytes than those with this content hash.', {
    service: 'IMGCACHE',
    code: 'BAD_RESPONSE',
    retryable: false,
  });
}

function noEntry(contentHash: string): NotFoundError {
  return new NotFoundError(`There is no entry ${contentHash}.`);
}
