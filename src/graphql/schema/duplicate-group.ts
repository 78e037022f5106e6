import { brandWithType } from '@pothos/core';
import { type Decision, MAX_MEMBERS, type Verdict } from '../../services/duplicates.js';
import { findGroup, type Group, membersOf, reclaimableBytes } from '../duplicates/group.js';
import type { KeepReason, Member } from '../duplicates/suggestion.js';
import { builder } from './builder.js';
import { callsService, mostItems } from './calls-service.js';
import type { GraphContext } from './context.js';
import { LikenessEnum } from './likeness.js';
import { EntryRef } from './refs.js';

export const DUPLICATE_STATES = {
  OPEN: { description: 'Nobody has decided of all of its pairs yet.' },
  DECIDED: { description: 'Somebody has.' },
} as const;

export const DuplicateStateEnum = builder.enumType('DuplicateState', {
  description: 'Whether somebody has decided what to do with entries that look alike.',
  values: DUPLICATE_STATES,
});

const KeepReasonEnum = builder.enumType('KeepReason', {
  description: 'What speaks for keeping a member: in this none is better, and some are worse.',
  values: {
    MOST_PIXELS: { description: 'Width times height.' },
    LARGEST_FILE: { description: 'By its bytes.' },
    OLDEST: { description: 'It was stored first.' },
    MOST_URLS: { description: 'It was stored under more URLs than others.' },
    LOSSLESS: { description: 'PNG, BMP or TIFF, which keep every pixel.' },
  } satisfies Record<KeepReason, object>,
});

export const DuplicateVerdictEnum = builder.enumType('DuplicateVerdict', {
  description: 'What somebody decided of entries that look alike.',
  values: {
    KEEP_ALL: { description: 'They are copies of one picture, and all of them stay.' },
    NOT_DUPLICATES: { description: 'They are different pictures.' },
    KEEP_SELECTED: { description: 'They are copies of one picture, and some of them are kept.' },
  } satisfies Record<Verdict, object>,
});

const DuplicateMemberType = builder.objectRef<Member>('DuplicateMember').implement({
  description: 'An entry of a group.',
  fields: (t) => ({
    entry: t.expose('entry', { type: EntryRef, description: 'The entry.' }),
    isSuggestedKeep: t.exposeBoolean('isSuggestedKeep', {
      description:
        'Of each group one: that with the most pixels; of several the one in a lossless format, then the largest file, the oldest, and the one with the most URLs.',
    }),
    reasons: t.field({
      type: [KeepReasonEnum],
      description: 'What speaks for keeping it.',
      resolve: ({ reasons }) => reasons,
    }),
  }),
});

export const DuplicateDecisionRef = builder.objectRef<Decision>('DuplicateDecision').implement({
  description: 'What somebody decided of every pair of some content hashes, whatever becomes of the entries.',
  fields: (t) => ({
    id: t.id({
      description: 'For undoDuplicateDecision.',
      resolve: ({ decisionId }) => decisionId,
    }),
    verdict: t.expose('verdict', { type: DuplicateVerdictEnum, description: 'What was decided.' }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', description: 'When it was.' }),
    keptHashes: t.field({
      type: ['ContentHash'],
      description: 'The content hashes that were to be kept: all, or those that were selected.',
      resolve: ({ keptHashes }) => [...keptHashes],
    }),
  }),
});

export const DuplicateGroupRef = builder.objectRef<Group>('DuplicateGroup');

builder.node(DuplicateGroupRef, {
  description:
    'Entries that look alike, by chains of pairs; widest says how far its two most unlike members are apart.',
  id: {
    description:
      'The global id. An open group is found by it also when it has grown, and once it is decided.',
    resolve: ({ key }) => key,
  },
  fields: (t) => ({
    members: t.field({
      extensions: mostItems(MAX_MEMBERS),
      type: [DuplicateMemberType],
      description: `By contentHash, at most ${MAX_MEMBERS}: of more there are several groups. Of a decided group those that are there.`,
      resolve: (group, _args, { loaders }) => membersOf(group, loaders),
    }),
    widest: t.exposeInt('widest', {
      description:
        'How far the two most unlike members are apart, in bits of perceptual hashes; pairs that were found by their look count as many as are as sure.',
    }),
    likeness: t.expose('likeness', {
      type: LikenessEnum,
      description: 'That of the least sure of the pairs that hold the group together.',
    }),
    state: t.field({
      type: DuplicateStateEnum,
      description: 'Whether it was decided.',
      resolve: ({ decision }) => (decision ? 'DECIDED' : 'OPEN'),
    }),
    decision: t.expose('decision', {
      type: DuplicateDecisionRef,
      nullable: true,
      description: 'What was decided; null while the group is open.',
    }),
    reclaimableBytes: t.float({
      extensions: callsService,
      description:
        'A whole number: the bytes of all members but the suggested one; of a decided group, of those that are there and were not to be kept.',
      resolve: (group, _args, { loaders }) => reclaimableBytes(group, loaders),
    }),
  }),
});

/** For `node`. */
export async function loadGroupNode(key: string, { duplicates, scope }: GraphContext): Promise<Group | null> {
  const group = duplicates && (await findGroup(key, { duplicates, scope }));
  if (group) brandWithType(group, DuplicateGroupRef);
  return group;
}
