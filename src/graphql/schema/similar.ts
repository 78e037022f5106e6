import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../services/entry-query.js';
import { type ImageKey, UnknownCollectionError } from '../../services/visualsnoop.js';
import { requireCollections } from '../loaders/require-collections.js';
import { findSimilar } from '../similarity/similarity.js';
import {
  entryPicture,
  hashedPicture,
  memberPicture,
  type Subject,
  uploadedPicture,
} from '../similarity/subject.js';
import { badUserInput, checkHammingDistance, notFound } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { checkFirst, FIRST, MAX_FIRST } from './connection.js';
import type { GraphContext } from './context.js';
import { ImageInput, stageQuestion } from './image-input.js';
import { PARTS } from './image-match.js';
import { SimilarityResult } from './similarity-result.js';
import { checkCollectionIds, checkText } from './validation.js';

export const ImageKeyInput = builder.inputType('ImageKeyInput', {
  description: 'Where an image is.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'The collection.' }),
    imageId: t.string({ required: true, description: 'Its id there.' }),
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
    member: t.field({
      type: ImageKeyInput,
      description:
        'An image of a collection; itself left out of the answer. A remote VisualSnoop gives no bytes: imgcache is asked only if an entry has them.',
    }),
  }),
});

builder.queryField('similar', (t) =>
  t.field({
    extensions: callsService,
    type: SimilarityResult,
    nullable: true,
    description:
      'Asks both services at once. One that fails leaves its own list null, with an error that names it; one that does not apply leaves an empty list; searches says which. collectionIds: null means all, empty means none.',
    args: {
      to: t.arg({ type: SimilarToInput, required: true, description: 'The picture asked about.' }),
      collectionIds: t.arg.stringList({
        description: 'VisualSnoop: at most 100 collections; null means all, empty means none.',
      }),
      maxHammingDistance: t.arg.int({
        required: true,
        defaultValue: DEFAULT_MAX_HAMMING_DISTANCE,
        description: 'imgcache: in how many of 64 bits the hashes may differ, 0 to 64.',
      }),
      first: t.arg.int({
        ...FIRST,
        description: `How many of each list, 1 to ${MAX_FIRST}; null means the default.`,
      }),
      parts: t.arg.boolean(PARTS),
    },
    resolve: async (_root, { to, collectionIds: ids, maxHammingDistance, first: given, parts }, context) => {
      checkHammingDistance(maxHammingDistance);
      const first = checkFirst(given);
      const collectionIds = ids ? checkCollectionIds(ids) : null;
      if (collectionIds) await refuseUnknown(collectionIds, context);
      await using subject = await readSubject(to, context);
      const similarity = await findSimilar(
        subject,
        { collectionIds, maxHammingDistance, first, parts },
        context,
      );
      for (const { result } of similarity.collections)
        if (result.outcome === 'FAILED' && result.error instanceof UnknownCollectionError) throw result.error;
      return similarity;
    },
  }),
);

async function readSubject(
  { image, contentHash, perceptualHash, member }: typeof SimilarToInput.$inferInput,
  context: GraphContext,
): Promise<Subject> {
  if (image) return uploadedPicture(await stageQuestion(image, ['to', 'image'], context), context);
  if (perceptualHash) return hashedPicture(perceptualHash);
  if (contentHash) {
    await refuseAbsentEntry(contentHash, context);
    return entryPicture(contentHash, context);
  }
  // Validation lets a variable pass that may be null for the one that @oneOf asks for.
  if (!member)
    throw badUserInput('to must have one of image, contentHash, perceptualHash and member, and not null.');
  const { collectionId, imageId } = member;
  checkText('to.member.collectionId', collectionId);
  checkText('to.member.imageId', imageId);
  await refuseAbsentImage({ collectionId, imageId }, context);
  return memberPicture({ collectionId, imageId }, context);
}

/*
 * What a question names must be there. Where the service fails that should say so, the search goes on: it tells of that
 * failure itself, and the other service may find something.
 */

async function refuseUnknown(collectionIds: readonly string[], { loaders }: GraphContext): Promise<void> {
  try {
    await requireCollections(collectionIds, loaders);
  } catch (error) {
    if (error instanceof UnknownCollectionError) throw error;
  }
}

async function refuseAbsentEntry(contentHash: string, { loaders }: GraphContext): Promise<void> {
  const entry = await loaders.entries.byContentHash.load(contentHash).catch(() => undefined);
  if (entry === null) throw notFound(`There is no entry ${contentHash}.`);
}

async function refuseAbsentImage(key: ImageKey, context: GraphContext): Promise<void> {
  const image = await context.loaders.collections.image.load(key).catch(() => undefined);
  if (image !== null) return;
  await refuseUnknown([key.collectionId], context);
  throw notFound(`The collection ${key.collectionId} has no image ${key.imageId}.`);
}
