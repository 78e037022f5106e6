import type { Box, ImageMatch, MatchKind, SharedPart } from '../../services/visualsnoop.js';
import { likenessOfMatch } from '../similarity/likeness.js';
import { builder } from './builder.js';
import { LIKENESS } from './likeness.js';
import { ImageRef } from './refs.js';

/** The argument that turns the search for parts off. */
export const PARTS = {
  required: true,
  defaultValue: true,
  description:
    'VisualSnoop: whether parts of pictures are found too, as crops, collages and screenshots show them, and likeness by chance is left out by comparing parts. A remote VisualSnoop does as it does.',
} as const;

const MatchKindEnum = builder.enumType('MatchKind', {
  description: 'What of two pictures is alike.',
  values: {
    WHOLE: { description: 'The pictures as a whole.' },
    PART: { description: 'Some part of one is in the other, in any place, size and turn.' },
  } satisfies Record<MatchKind, object>,
});

const PictureBox = builder.objectRef<Box>('PictureBox').implement({
  description: 'An upright box in a picture. Its lengths are shares of the width or the height, 0 to 1.',
  fields: (t) => ({
    x: t.exposeFloat('x', { description: 'Its left side.' }),
    y: t.exposeFloat('y', { description: 'Its upper side.' }),
    width: t.exposeFloat('width', { description: 'Of the width of the picture.' }),
    height: t.exposeFloat('height', { description: 'Of the height of the picture.' }),
  }),
});

const SharedPartType = builder.objectRef<SharedPart>('SharedPart').implement({
  description:
    'The part that the picture asked about and a match share, as far as distinct places in them tell.',
  fields: (t) => ({
    query: t.expose('query', { type: PictureBox, description: 'Where it is in the picture asked about.' }),
    match: t.expose('match', { type: PictureBox, description: 'Where it is in the match.' }),
    angle: t.exposeFloat('angle', {
      description:
        'By how many degrees the match is turned clockwise to lie in the picture asked about, up to 180.',
    }),
    mirrored: t.exposeBoolean('mirrored', { description: 'Whether one of both is mirrored.' }),
  }),
});

export const ImageMatchType = builder.objectRef<ImageMatch>('ImageMatch').implement({
  description: 'An image that looks like the picture asked about.',
  fields: (t) => ({
    image: t.field({
      type: ImageRef,
      description: 'What was found.',
      resolve: ({ collectionId, imageId }) => ({ collectionId, imageId }),
    }),
    rank: t.exposeFloat('rank', {
      description: "0 is identical; larger is less alike; the scale is the service's own.",
    }),
    likeness: t.field({
      ...LIKENESS,
      resolve: (match, _args, { visualsnoop }) => likenessOfMatch(match, visualsnoop.mode),
    }),
    found: t.field({
      type: MatchKindEnum,
      nullable: true,
      description: 'What is alike. Null when the service does not say.',
      resolve: ({ found }) => found ?? null,
    }),
    part: t.field({
      type: SharedPartType,
      nullable: true,
      description:
        'What both pictures share. Null when no distinct places tell, and when the service does not say.',
      resolve: ({ part }) => part ?? null,
    }),
  }),
});
