import { isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { doesCallService } from '#src/graphql/schema/calls-service.js';
import { schema } from '#src/graphql/schema/schema.js';

const roots = [schema.getQueryType(), schema.getMutationType()];
const fields = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type))
  .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));

it('every field of a root says that it calls a service, but for the one that tells who asks', () => {
  const silent = fields.filter(({ type, field }) => roots.includes(type) && !doesCallService(field));
  expect(silent.map(({ field }) => field.name)).toEqual(['viewer']);
});

it('of the other fields those say so that ask for more than their parent has', () => {
  const calling = fields.filter(({ type, field }) => !roots.includes(type) && doesCallService(field));
  expect(calling.map(({ type, field }) => `${type.name}.${field.name}`).toSorted()).toEqual([
    'Collection.image',
    'Collection.images',
    'CollectionConnection.totalCount',
    'CollectionImageConnection.totalCount',
    'DuplicateGroup.members',
    'DuplicateGroup.reclaimableBytes',
    'DuplicateGroupConnection.totalCount',
    'Entry.collectionImages',
    'Entry.similar',
    'Entry.urlCount',
    'Entry.urls',
    'EntryConnection.totalCount',
    'Image.collection',
    'Image.contentHash',
    'Image.contentType',
    'Image.entry',
    'Image.fileSizeBytes',
    'Image.fileUrl',
    'Image.height',
    'Image.imageTime',
    'Image.similar',
    'Image.thumbnail',
    'Image.width',
    'SimilarityResult.matches',
    'Thumbnail.height',
    'Thumbnail.width',
    'UndoDuplicateDecisionSuccess.missingHashes',
  ]);
});
