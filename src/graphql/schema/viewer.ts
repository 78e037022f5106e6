import type { Identity, Scope } from '../../access/identity.js';
import { builder } from './builder.js';

const AccessScopeEnum = builder.enumType('AccessScope', {
  description: 'What a key or token allows; each includes those before it.',
  values: {
    READ: { description: 'Queries.' },
    WRITE: { description: 'And mutations, but for those of collections themselves.' },
    ADMIN: { description: 'And making, renaming and deleting collections, and their keys.' },
  },
} as const);

const SCOPES = { read: 'READ', write: 'WRITE', admin: 'ADMIN' } as const satisfies Record<Scope, string>;

const Viewer = builder.objectRef<Identity>('Viewer').implement({
  description: 'Who asks, and what they may. Where no keys are set, everybody may do everything.',
  fields: (t) => ({
    scope: t.field({
      type: AccessScopeEnum,
      description: 'What the key or token allows.',
      // Whoever is allowed nothing does not come to a resolver.
      resolve: ({ scope }) => SCOPES[scope!],
    }),
    name: t.string({
      nullable: true,
      description: "The owner's name for the key, or the subject of the token; null where there is none.",
      resolve: ({ name }) => name ?? null,
    }),
    collectionIds: t.stringList({
      nullable: true,
      description: 'The only collections that the key is good for; null means all.',
      resolve: ({ collections }) => collections && [...collections],
    }),
    buckets: t.stringList({
      nullable: true,
      description: 'The only buckets of imgcache that the key is good for; null means all.',
      resolve: ({ buckets }) => buckets && [...buckets],
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Who asks, and what they may.',
    resolve: (_root, _args, { identity }) => identity,
  }),
);
