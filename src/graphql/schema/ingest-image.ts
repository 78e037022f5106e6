import { brandWithType } from '@pothos/core';
import type { Entry } from '../../services/entry.js';
import type { StoreStatus } from '../../services/entry-origin.js';
import { ServiceError } from '../../services/errors.js';
import { type StagedImage, TooManyBytesError } from '../../services/staged-image.js';
import { type AddImageStatus, ImageExistsError, UnknownCollectionError } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';
import { StoreEntryStatus, storeImage } from './entry-mutations.js';
import { originFields, originRules, toOrigin } from './entry-origin.js';
import {
  asUnionMember,
  ErrorInterface,
  InvalidImageError,
  InvalidInputError,
  NotFoundError,
} from './errors.js';
import { ImageInput, ownFilename, requirePicture, stageImage } from './image-input.js';
import { AddImageStatusEnum } from './image-mutations.js';
import { EntryRef, ImageRef, type KnownImage } from './refs.js';
import { checkInput, keyText } from './validation.js';

const IngestImageInput = builder.inputType('IngestImageInput', {
  description: 'The picture to store, where it came from, and the collection to add it to.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'The collection to add it to.' }),
    image: t.field({ type: ImageInput, required: true, description: 'The bytes.' }),
    ...originFields(t),
  }),
});

interface Stored {
  entry: Entry;
  status: StoreStatus;
}

export interface Added {
  image: KnownImage;
  status: AddImageStatus;
}

const IngestImageSuccess = builder
  .objectRef<{ stored: Stored; added: Added }>('IngestImageSuccess')
  .implement({
    description: 'Both services have the picture.',
    fields: (t) => ({
      entry: t.field({
        type: EntryRef,
        description: 'Its entry in imgcache.',
        resolve: ({ stored }) => stored.entry,
      }),
      entryStatus: t.field({
        type: StoreEntryStatus,
        description: 'What imgcache had to do.',
        resolve: ({ stored }) => stored.status,
      }),
      image: t.field({
        type: ImageRef,
        description: 'Its image in the collection.',
        resolve: ({ added }) => added.image,
      }),
      imageStatus: t.field({
        type: AddImageStatusEnum,
        description: 'What VisualSnoop had to do.',
        resolve: ({ added }) => added.status,
      }),
    }),
  });

const IMAGE_ERRORS = [ServiceError, InvalidImageError, NotFoundError] as const;
type ImageError = InstanceType<(typeof IMAGE_ERRORS)[number]>;

/** imgcache has the picture, and VisualSnoop did not take it. */
class IngestImagePartial extends Error {
  readonly stored: Stored;
  readonly imageError: ImageError;

  constructor(stored: Stored, imageError: ImageError) {
    super(`imgcache has the picture, but it is not in the collection: ${imageError.message}`);
    this.stored = stored;
    this.imageError = imageError;
  }
}

builder.objectType(IngestImagePartial, {
  name: 'IngestImagePartial',
  description:
    'imgcache took the picture and VisualSnoop did not; imageError says why, and repeating the call completes it.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    entry: t.field({
      type: EntryRef,
      description: 'Its entry in imgcache.',
      resolve: ({ stored }) => stored.entry,
    }),
    entryStatus: t.field({
      type: StoreEntryStatus,
      description: 'What imgcache had to do.',
      resolve: ({ stored }) => stored.status,
    }),
    imageError: t.field({
      type: ErrorInterface,
      description: 'Why VisualSnoop did not take it.',
      resolve: ({ imageError }) => asValue(imageError),
    }),
  }),
});

builder.mutationField('ingestImage', (t) =>
  t.field({
    type: IngestImageSuccess,
    description:
      "Both: stores in imgcache, then adds to the collection under the content hash as the image's id. Safe to repeat, also after a partial success.",
    extensions: callsService,
    errors: {
      types: [
        IngestImagePartial,
        InvalidInputError,
        InvalidImageError,
        TooManyBytesError,
        NotFoundError,
        ServiceError,
      ],
      union: { name: 'IngestImageResult', description: 'What ingesting gives.' },
    },
    args: { input: t.arg({ type: IngestImageInput, required: true, description: 'What to ingest.' }) },
    resolve: async (_root, { input }, context) => {
      const rules = originRules.extend({ collectionId: keyText });
      const { collectionId, ...origin } = checkInput(rules, input);
      await requireCollection(collectionId, context);
      await using image = await stageImage(input.image, ['input', 'image'], context);
      await requirePicture(image);
      const named = toOrigin(origin, await ownFilename(input.image));
      const stored = await storeImage(image, named, origin.bucket, context);
      const { contentHash } = stored.entry;
      const added = await addByContentHash(collectionId, image, contentHash, context).catch((error) => {
        throw isImageError(error) ? new IngestImagePartial(stored, error) : error;
      });
      return { stored, added };
    },
  }),
);

/** So that nothing is stored for a collection that is not there. Where VisualSnoop cannot say, adding will. */
export async function requireCollection(collectionId: string, { loaders }: GraphContext): Promise<void> {
  try {
    const collection = await loaders.collections.byId.load(collectionId);
    if (!collection) throw asUnionMember(new UnknownCollectionError(collectionId));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
}

/** The same picture under the content hash of its entry is left as it is, with its imageTime. */
export async function addByContentHash(
  collectionId: string,
  image: StagedImage,
  imageId: string,
  { visualsnoop, loaders, scope }: GraphContext,
): Promise<Added> {
  // The embedded one compares the bytes. A remote one would replace them and their time.
  const updateExisting = visualsnoop.mode === 'EMBEDDED';
  const signal = scope.changes('VISUALSNOOP');
  try {
    return await visualsnoop.addImage(collectionId, image, { imageId, updateExisting }, signal);
  } catch (error) {
    if (error instanceof ImageExistsError) return { image: error.image, status: 'UNCHANGED' };
    throw asUnionMember(error);
  } finally {
    loaders.collections.clearAll();
  }
}

function isImageError(error: unknown): error is ImageError {
  return IMAGE_ERRORS.some((type) => error instanceof type);
}

/** An Error that is the value of a field would count as thrown. */
function asValue(error: ImageError): { name: string; message: string } {
  const value = { ...error, message: error.message };
  brandWithType(value, IMAGE_ERRORS.find((type) => error instanceof type)!);
  return value;
}
