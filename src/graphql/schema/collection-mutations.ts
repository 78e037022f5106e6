import { z } from 'zod';
import type { CallSignal } from '../../services/call-signal.js';
import { ServiceError } from '../../services/errors.js';
import type { Collection, CreatedCollection, VisualSnoop } from '../../services/visualsnoop.js';
import { builder, type SchemaTypes } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';
import { asUnionMember, InvalidInputError, NotFoundError } from './errors.js';
import { encodeGlobalId } from './global-id.js';
import { CollectionRef } from './refs.js';
import { checkInput, keyText, lineOfCharacters } from './validation.js';

const CreateCollectionInput = builder.inputType('CreateCollectionInput', {
  description: 'The collection to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is called: one line of 1 to 200 characters.' }),
    user: t.string({ description: 'Whose it is, such as an e-mail address: up to 200 characters.' }),
  }),
});

const newCollection = z.object({
  name: lineOfCharacters(200),
  user: lineOfCharacters(200).nullish(),
});

type CreatedFields = PothosSchemaTypes.ObjectFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>,
  CreatedCollection
>;

/** The fields on the keys, of every success that makes some. */
const keyFields = (t: CreatedFields) => ({
  publicKey: t.exposeString('publicKey', {
    description: "Names the collection in VisualSnoop's own protocol.",
  }),
  secretKey: t.exposeString('secretKey', {
    description: 'Signs requests of that protocol. It is shown in this answer alone.',
  }),
});

const CreateCollectionSuccess = builder.objectRef<CreatedCollection>('CreateCollectionSuccess').implement({
  description: 'The collection is there, empty.',
  fields: (t) => ({
    collection: t.expose('collection', {
      type: CollectionRef,
      description: 'The new collection.',
    }),
    ...keyFields(t),
  }),
});

builder.mutationField('createCollection', (t) =>
  t.field({
    type: CreateCollectionSuccess,
    description:
      'Only where VisualSnoop is embedded. The secret key is shown in this answer alone. Not safe to repeat.',
    extensions: callsService,
    errors: {
      types: [InvalidInputError, ServiceError],
      union: { name: 'CreateCollectionResult', description: 'What making a collection gives.' },
    },
    args: { input: t.arg({ type: CreateCollectionInput, required: true, description: 'What to make.' }) },
    resolve: async (_root, { input }, { visualsnoop, loaders }) => {
      const { name, user } = checkInput(newCollection, input);
      const created = await visualsnoop.createCollection({ name, ...(user && { user }) });
      loaders.collections.clearAll();
      return created;
    },
  }),
);

const RenameCollectionInput = builder.inputType('RenameCollectionInput', {
  description: 'The collection to rename, and its new name.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'Which collection.' }),
    name: t.string({
      required: true,
      description: 'What it is called from now on: one line of 1 to 200 characters.',
    }),
    user: t.string({
      description:
        "Whose it is from now on, up to 200 characters; absent leaves it as it is, null makes it nobody's.",
    }),
  }),
});

const newName = z.object({
  collectionId: keyText,
  name: lineOfCharacters(200),
  user: lineOfCharacters(200).nullish(),
});

const RenameCollectionSuccess = builder
  .objectRef<{ collection: Collection }>('RenameCollectionSuccess')
  .implement({
    description: 'The collection has its new name.',
    fields: (t) => ({
      collection: t.expose('collection', { type: CollectionRef, description: 'The collection.' }),
    }),
  });

builder.mutationField('renameCollection', (t) =>
  t.field({
    type: RenameCollectionSuccess,
    description:
      'Only where VisualSnoop is embedded: gives a collection another name. Its id and its keys stay. Safe to repeat.',
    extensions: callsService,
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: { name: 'RenameCollectionResult', description: 'What renaming a collection gives.' },
    },
    args: {
      input: t.arg({ type: RenameCollectionInput, required: true, description: 'What to rename.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { collectionId, name, user } = checkInput(newName, input);
      const collection = await change(context, (visualsnoop, signal) =>
        visualsnoop.renameCollection(collectionId, { name, user }, signal),
      );
      return { collection };
    },
  }),
);

const DeleteCollectionInput = builder.inputType('DeleteCollectionInput', {
  description: 'The collection to delete.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'Which collection.' }),
    confirmName: t.string({
      required: true,
      description: 'Its name, letter by letter; of a collection without a name its collectionId.',
    }),
  }),
});

const confirmedCollection = z.object({ collectionId: keyText, confirmName: z.string() });

const DeleteCollectionSuccess = builder
  .objectRef<{ collectionId: string }>('DeleteCollectionSuccess')
  .implement({
    description: 'The collection is gone, with all its images and keys.',
    fields: (t) => ({
      deletedId: t.id({
        description: 'The global id that it had.',
        resolve: ({ collectionId }) => encodeGlobalId('Collection', collectionId),
      }),
      collectionId: t.exposeString('collectionId', { description: "VisualSnoop's own id that it had." }),
    }),
  });

builder.mutationField('deleteCollection', (t) =>
  t.field({
    type: DeleteCollectionSuccess,
    description:
      'Only where VisualSnoop is embedded: deletes a collection with all its images and keys, at once and for good. Entries of imgcache stay as they are. The room that the images took comes back little by little.',
    extensions: callsService,
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: { name: 'DeleteCollectionResult', description: 'What deleting a collection gives.' },
    },
    args: {
      input: t.arg({ type: DeleteCollectionInput, required: true, description: 'What to delete.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { collectionId, confirmName } = checkInput(confirmedCollection, input);
      const deleted = await change(context, (visualsnoop, signal) =>
        visualsnoop.deleteCollection(collectionId, confirmName, signal),
      );
      if (!deleted)
        throw new InvalidInputError([
          { path: ['input', 'confirmName'], message: 'must be the name of the collection.' },
        ]);
      return { collectionId };
    },
  }),
);

const RotateCollectionKeysInput = builder.inputType('RotateCollectionKeysInput', {
  description: 'The collection to make new keys for.',
  fields: (t) => ({
    collectionId: t.string({ required: true, description: 'Which collection.' }),
  }),
});

const collectionOfKeys = z.object({ collectionId: keyText });

const RotateCollectionKeysSuccess = builder
  .objectRef<CreatedCollection>('RotateCollectionKeysSuccess')
  .implement({
    description: 'The collection has new keys; the old ones are good for nothing.',
    fields: (t) => ({
      collection: t.expose('collection', { type: CollectionRef, description: 'The collection.' }),
      ...keyFields(t),
    }),
  });

builder.mutationField('rotateCollectionKeys', (t) =>
  t.field({
    type: RotateCollectionKeysSuccess,
    description:
      "Only where VisualSnoop is embedded: makes new keys for VisualSnoop's own protocol. The old ones stop at once. The secret key is shown in this answer alone. Not safe to repeat.",
    extensions: callsService,
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: { name: 'RotateCollectionKeysResult', description: 'What making new keys gives.' },
    },
    args: {
      input: t.arg({ type: RotateCollectionKeysInput, required: true, description: 'For what.' }),
    },
    resolve: (_root, { input }, context) => {
      const { collectionId } = checkInput(collectionOfKeys, input);
      return change(context, (visualsnoop, signal) => visualsnoop.rotateCollectionKeys(collectionId, signal));
    },
  }),
);

/** Clears the loaders, so that reads after the mutation see it. */
async function change<T>(
  { visualsnoop, loaders, scope }: GraphContext,
  work: (visualsnoop: VisualSnoop, signal: CallSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(visualsnoop, scope.changes('VISUALSNOOP'));
  } catch (error) {
    throw asUnionMember(error);
  } finally {
    loaders.collections.clearAll();
  }
}
