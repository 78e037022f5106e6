import { z } from 'zod';
import { ServiceError } from '../../services/errors.js';
import { imageIdProblem } from '../../services/image-id.js';
import { imageKeyText } from '../../services/image-key.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import {
  type AddImageStatus,
  type Image,
  ImageExistsError,
  type ImageKey,
} from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService, callsServiceForEach } from './calls-service.js';
import { changeEach, changes, MAX_CHANGES } from './change-each.js';
import type { GraphContext } from './context.js';
import {
  asUnionMember,
  ErrorInterface,
  InvalidImageError,
  InvalidInputError,
  NotFoundError,
} from './errors.js';
import { encodeGlobalId } from './global-id.js';
import { ImageInput, requirePicture, stageImage } from './image-input.js';
import { ImageRef, type KnownImage } from './refs.js';
import { ImageKeyInput } from './similar.js';
import { checkInput, keyText } from './validation.js';

export const AddImageStatusEnum = builder.enumType('AddImageStatus', {
  description: 'What adding an image had to do.',
  values: {
    ADDED: { description: 'The image is new.' },
    UPDATED: { description: 'The id was there, and has these bytes now.' },
    UNCHANGED: { description: 'The id had these bytes already.' },
  } satisfies Record<AddImageStatus, object>,
});

const imageId = z.string().superRefine((id, context) => {
  const problem = imageIdProblem(id);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

builder.objectType(ImageExistsError, {
  name: 'ImageExistsError',
  description: 'The id is taken, and updateExisting was not given. Nothing was done.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    image: t.expose('image', { type: ImageRef, description: 'What has the id.' }),
  }),
});

const AddImageInput = builder.inputType('AddImageInput', {
  description: 'The image to add, and where.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'The collection to add it to.' }),
    image: t.field({ type: ImageInput, required: true, description: 'The bytes.' }),
    imageId: t.string({
      description: 'Its id there, of 1 to 100 characters; absent means that the service makes one.',
    }),
    updateExisting: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Replace what has this id.',
    }),
  }),
});

const newImage = z.object({
  collectionId: keyText,
  imageId: imageId.nullish(),
  updateExisting: z.boolean(),
});

const AddImageSuccess = builder
  .objectRef<{ image: KnownImage; status: AddImageStatus }>('AddImageSuccess')
  .implement({
    description: 'The collection has the image.',
    fields: (t) => ({
      image: t.expose('image', { type: ImageRef, description: 'The image.' }),
      status: t.expose('status', {
        type: AddImageStatusEnum,
        description: 'What had to be done.',
      }),
    }),
  });

/** Of an addition: of one image, or one of many. */
export const AddImageResult = builder.errorUnion('AddImageResult', {
  description: 'What adding an image gives.',
  types: [
    AddImageSuccess,
    InvalidInputError,
    InvalidImageError,
    TooManyBytesError,
    ImageExistsError,
    NotFoundError,
    ServiceError,
  ],
  resolveType: () => 'AddImageSuccess',
});

builder.mutationField('addImage', (t) =>
  t.field({
    type: AddImageResult,
    description:
      'VisualSnoop: adds, or updates when updateExisting is true and the id exists. Without imageId not safe to repeat.',
    extensions: callsService,
    args: { input: t.arg({ type: AddImageInput, required: true, description: 'What to add.' }) },
    resolve: async (_root, { input }, context) => {
      const { collectionId, imageId, updateExisting } = checkInput(newImage, input);
      await using image = await stageImage(input.image, ['input', 'image'], context);
      await requirePicture(image);
      const options = { updateExisting, ...(typeof imageId === 'string' && { imageId }) };
      try {
        return await context.visualsnoop.addImage(
          collectionId,
          image,
          options,
          context.scope.changes('VISUALSNOOP'),
        );
      } catch (error) {
        throw asUnionMember(error);
      } finally {
        context.loaders.collections.clearAll();
      }
    },
  }),
);

const DeleteImageInput = builder.inputType('DeleteImageInput', {
  description: 'Which image to delete.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'The collection.' }),
    imageId: t.string({ required: true, description: 'Its id there.' }),
  }),
});

const imageKey = z.object({ collectionId: keyText, imageId });

const DeleteImageSuccess = builder.objectRef<Image>('DeleteImageSuccess').implement({
  description: 'The image is gone from the collection.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'The global id that it had.',
      resolve: (image) => encodeGlobalId('Image', imageKeyText(image)),
    }),
    imageId: t.exposeString('imageId', { description: 'The id that it had in the collection.' }),
    imageTime: t.expose('imageTime', {
      type: 'DateTime',
      nullable: true,
      description: 'When it had been added or last updated.',
    }),
  }),
});

/** Of a deletion: of one image, or one of many. */
const DeleteImageResult = builder.errorUnion('DeleteImageResult', {
  description: 'What deleting an image gives.',
  types: [DeleteImageSuccess, InvalidInputError, NotFoundError, ServiceError],
  resolveType: () => 'DeleteImageSuccess',
});

builder.mutationField('deleteImage', (t) =>
  t.field({
    type: DeleteImageResult,
    description: 'VisualSnoop: deletes the image from its collection. Entries of imgcache stay as they are.',
    extensions: callsService,
    args: { input: t.arg({ type: DeleteImageInput, required: true, description: 'Which image.' }) },
    resolve: (_root, { input }, context) => deleteImage(checkInput(imageKey, input), context),
  }),
);

/** Clears the loaders, so that reads after the mutation see it. */
async function deleteImage(key: ImageKey, { visualsnoop, loaders, scope }: GraphContext): Promise<Image> {
  const deleted = await visualsnoop
    .deleteImage(key, scope.changes('VISUALSNOOP'))
    .finally(() => loaders.collections.clearAll());
  if (!deleted) throw new NotFoundError(`There is no image ${key.imageId} in ${key.collectionId}.`);
  return deleted;
}

const DeleteImagesInput = builder.inputType('DeleteImagesInput', {
  description: 'Which images to delete.',
  fields: (t) => ({
    images: t.field({
      type: [ImageKeyInput],
      required: true,
      description: `At most ${MAX_CHANGES}, also of several collections. One that is given twice is deleted once.`,
    }),
  }),
});

const DeleteImagesSuccess = builder
  .objectRef<{ results: readonly (Image | Error)[] }>('DeleteImagesSuccess')
  .implement({
    description: 'Each was tried: its result says what became of it.',
    fields: (t) => ({
      results: t.field({
        type: [DeleteImageResult],
        description: 'In order of the input; one that was given twice has the same result twice.',
        resolve: ({ results }) => [...results],
      }),
    }),
  });

const manyImages = z.object({ images: changes(imageKey) });

builder.mutationField('deleteImages', (t) =>
  t.field({
    type: DeleteImagesSuccess,
    description: `VisualSnoop: deletes at most ${MAX_CHANGES} images, as deleteImage does; one result each, in order. One that fails leaves the others as they are. Safe to repeat.`,
    extensions: callsServiceForEach('images'),
    errors: {
      types: [InvalidInputError, ServiceError],
      union: { name: 'DeleteImagesResult', description: 'What deleting several images gives.' },
    },
    args: { input: t.arg({ type: DeleteImagesInput, required: true, description: 'Which images.' }) },
    resolve: async (_root, { input }, context) => {
      const { images } = checkInput(manyImages, input);
      return { results: await changeEach(images, imageKeyText, (key) => deleteImage(key, context)) };
    },
  }),
);
