import type { Likeness } from '../../services/likeness.js';
import { builder } from './builder.js';

export const LikenessEnum = builder.enumType('Likeness', {
  description:
    'How sure it is that two pictures are copies of one, from measured thresholds (docs/similarity.md). The numbers stay beside it.',
  values: {
    IDENTICAL: { description: 'The same bytes.' },
    NEARLY_CERTAIN: {
      description:
        'Of a million pairs of photographs that have nothing to do with each other, some few come as near.',
    },
    LIKELY: { description: 'Some dozens of a million come as near: worth a look.' },
    POSSIBLE: {
      description: 'Many come as near, or nobody knows how many, as with the ranks of a remote VisualSnoop.',
    },
  } satisfies Record<Likeness, object>,
});

export const LIKENESS = {
  type: LikenessEnum,
  description: 'How sure it is that both are copies of one picture.',
} as const;
