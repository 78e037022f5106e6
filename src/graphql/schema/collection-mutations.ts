import { z } from 'zod';
import { ServiceError } from '../../services/errors.js';
import type { CreatedCollection } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { InvalidInputError } from './errors.js';
import { CollectionRef } from './refs.js';
import { checkInput, lineOfCharacters } from './validation.js';

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

const CreateCollectionSuccess = builder.objectRef<CreatedCollection>('CreateCollectionSuccess').implement({
  description: 'The collection is there, empty.',
  fields: (t) => ({
    collection: t.expose('collection', {
      type: CollectionRef,
      description: 'The new collection.',
    }),
    publicKey: t.exposeString('publicKey', {
      description: "Names the collection in VisualSnoop's own protocol.",
    }),
    secretKey: t.exposeString('secretKey', {
      description: 'Signs requests of that protocol. It is shown in this answer alone.',
    }),
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
