import { z } from 'zod';
import {
  type Decision,
  type Duplicates,
  KeptEntryGoneError,
  MAX_MEMBERS,
  type NewDecision,
  VERDICTS,
} from '../../services/duplicates.js';
import { ServiceError } from '../../services/errors.js';
import { findGroup, type Group } from '../duplicates/group.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { GraphContext } from './context.js';
import { DuplicateDecisionRef, DuplicateVerdictEnum } from './duplicate-group.js';
import { InvalidInputError, NotFoundError } from './errors.js';
import { decodeGlobalId } from './global-id.js';
import { checkInput, keyText } from './validation.js';

const DecideDuplicatesInput = builder.inputType('DecideDuplicatesInput', {
  description: 'What to decide of a group.',
  fields: (t) => ({
    groupId: t.id({ required: true, description: 'The global id of an open group.' }),
    verdict: t.field({ type: DuplicateVerdictEnum, required: true, description: 'What to decide.' }),
    keep: t.field({
      type: ['ContentHash'],
      description: 'For KEEP_SELECTED, and only then: the members to keep, one at least.',
    }),
    deleteOthers: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'For KEEP_SELECTED: deletes the entries that are not kept. Undoing the decision does not bring them back.',
    }),
    moveUrls: t.boolean({
      required: true,
      defaultValue: true,
      description:
        'The URLs of deleted entries stay findable: they are added to the first of those that are kept.',
    }),
    members: t.field({
      type: ['ContentHash'],
      description:
        'The members that whoever decides has seen, two at least: others, such as one that was stored meanwhile, are left alone. Absent means all that the group has now.',
    }),
  }),
});

const DecideDuplicatesSuccess = builder
  .objectRef<{ decision: Decision; deletedHashes: readonly string[] }>('DecideDuplicatesSuccess')
  .implement({
    description: 'It is decided.',
    fields: (t) => ({
      decision: t.expose('decision', {
        type: DuplicateDecisionRef,
        description: 'The decision, which can be undone at any time.',
      }),
      deletedHashes: t.field({
        type: ['ContentHash'],
        description: 'The entries that were deleted; undoing the decision does not bring them back.',
        resolve: ({ deletedHashes }) => [...deletedHashes],
      }),
    }),
  });

builder.mutationField('decideDuplicates', (t) =>
  t.field({
    extensions: callsService,
    type: DecideDuplicatesSuccess,
    description:
      'imgcache: remembered for each pair of content hashes, so that a decision outlives re-description, deletion and storing again. All of it is done or nothing.',
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: { name: 'DecideDuplicatesResult', description: 'What deciding gives.' },
    },
    args: {
      input: t.arg({ type: DecideDuplicatesInput, required: true, description: 'What to decide.' }),
    },
    resolve: async (_root, { input }, context) => {
      const asked = checkInput(decisionRules, input);
      const duplicates = requireDuplicates(context);
      const group = await requireOpenGroup(asked.groupId, duplicates, context);
      return change(context, () =>
        duplicates.decide(newDecision(asked, group), context.scope.changes('IMGCACHE')),
      );
    },
  }),
);

const hashes = z.array(z.string()).max(MAX_MEMBERS, `must have at most ${MAX_MEMBERS} items.`);

const decisionRules = z
  .object({
    groupId: keyText,
    verdict: z.enum(VERDICTS),
    keep: hashes.nullish(),
    deleteOthers: z.boolean(),
    moveUrls: z.boolean(),
    members: hashes.nullish(),
  })
  .check(({ value, issues }) => {
    const { verdict, keep, deleteOthers, members } = value;
    const refuse = (field: string, message: string) =>
      issues.push({ code: 'custom', path: [field], message, input: value });
    const selects = verdict === 'KEEP_SELECTED';
    if (selects && !keep?.length)
      refuse('keep', 'must name one member at least where the verdict is KEEP_SELECTED.');
    if (!selects && keep) refuse('keep', `must be absent where the verdict is ${verdict}.`);
    if (!selects && deleteOthers) refuse('deleteOthers', `must be false where the verdict is ${verdict}.`);
    if (members && new Set(members).size < 2) refuse('members', 'must name two members at least.');
  });

function newDecision(
  { verdict, keep, deleteOthers, moveUrls, members }: z.output<typeof decisionRules>,
  group: Group,
): NewDecision {
  const seen = [...new Set(members ?? group.contentHashes)];
  const kept = [...new Set(keep ?? seen)];
  refuseOthers('members', seen, group.contentHashes);
  refuseOthers('keep', kept, seen);
  const { widest, likeness } = group;
  // Neither is empty by now.
  const keptHashes = kept as [string, ...string[]];
  return { verdict, contentHashes: seen.sort(), keptHashes, deleteOthers, moveUrls, widest, likeness };
}

function refuseOthers(field: string, given: readonly string[], members: readonly string[]): void {
  const known = new Set(members);
  const other = given.find((hash) => !known.has(hash));
  if (other === undefined) return;
  throw new InvalidInputError([{ path: ['input', field], message: `${other} is no member of the group.` }]);
}

async function requireOpenGroup(
  groupId: string,
  duplicates: Duplicates,
  { scope }: GraphContext,
): Promise<Group> {
  const id = decodeGlobalId(groupId);
  const group = id?.type === 'DuplicateGroup' ? await findGroup(id.key, { duplicates, scope }) : null;
  if (!group) throw new NotFoundError('There is no such group of duplicates.');
  if (group.decision) throw new NotFoundError('This group is decided: undo its decision first.');
  return group;
}

const UndoDuplicateDecisionInput = builder.inputType('UndoDuplicateDecisionInput', {
  description: 'Which decision to undo.',
  fields: (t) => ({
    decisionId: t.id({ required: true, description: 'The id of the decision.' }),
  }),
});

const UndoDuplicateDecisionSuccess = builder.objectRef<Decision>('UndoDuplicateDecisionSuccess').implement({
  description:
    'The decision is no more: its pairs are as if it had never been made. Deleted entries stay deleted.',
  fields: (t) => ({
    undoneId: t.id({
      description: 'The id that the decision had.',
      resolve: ({ decisionId }) => decisionId,
    }),
    contentHashes: t.field({
      type: ['ContentHash'],
      description: 'Its content hashes.',
      resolve: ({ contentHashes }) => [...contentHashes],
    }),
    missingHashes: t.field({
      extensions: callsService,
      type: ['ContentHash'],
      description:
        'Those without an entry, which undoing does not bring back; stored again, they are open again.',
      resolve: async ({ contentHashes }, _args, { loaders }) => {
        const entries = await Promise.all(
          contentHashes.map((hash) => loaders.entries.byContentHash.load(hash)),
        );
        return contentHashes.filter((_, at) => !entries[at]);
      },
    }),
  }),
});

builder.mutationField('undoDuplicateDecision', (t) =>
  t.field({
    extensions: callsService,
    type: UndoDuplicateDecisionSuccess,
    description:
      'imgcache: takes a decision about duplicates back, at any time. What it deleted stays deleted.',
    errors: {
      types: [InvalidInputError, NotFoundError, ServiceError],
      union: { name: 'UndoDuplicateDecisionResult', description: 'What undoing a decision gives.' },
    },
    args: {
      input: t.arg({ type: UndoDuplicateDecisionInput, required: true, description: 'Which decision.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { decisionId } = checkInput(z.object({ decisionId: keyText }), input);
      const duplicates = requireDuplicates(context);
      const undone = await change(context, () =>
        duplicates.undo(decisionId, context.scope.changes('IMGCACHE')),
      );
      if (!undone) throw new NotFoundError(`There is no decision ${decisionId}.`);
      return undone;
    },
  }),
);

function requireDuplicates({ duplicates }: GraphContext): Duplicates {
  if (duplicates) return duplicates;
  throw new ServiceError('A remote imgcache has no groups of duplicates.', {
    service: 'IMGCACHE',
    code: 'UNSUPPORTED',
    retryable: false,
  });
}

/** Clears the loaders, so that reads after the mutation see it. */
async function change<T>({ loaders }: GraphContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof KeptEntryGoneError ? new NotFoundError(error.message) : error;
  } finally {
    loaders.entries.clearAll();
  }
}
