import type { GraphQLResolveInfo } from 'graphql';
import { z } from 'zod';
import { isContentHash } from '../../services/content-hash.js';
import { type GroupPosition, MAX_MEMBERS, PAIR_LIKENESSES } from '../../services/duplicates.js';
import { positionOf } from '../../services/group-order.js';
import type { Likeness } from '../../services/likeness.js';
import { decidedGroup, type Group, type GroupReads, openGroup } from '../duplicates/group.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { AFTER, type Connection, FIRST, type PageArguments, readPage, toConnection } from './connection.js';
import { encodeCursor, readCursor } from './cursor.js';
import { DuplicateGroupRef, DuplicateStateEnum } from './duplicate-group.js';
import { LikenessEnum } from './likeness.js';

const DuplicateGroupConnection = builder.connectionObject(
  {
    type: DuplicateGroupRef,
    name: 'DuplicateGroupConnection',
    description: 'A page of groups.',
    edgesNullable: false,
    nodeNullable: false,
  },
  { name: 'DuplicateGroupEdge', description: 'A group and its place in the list.' },
);

builder.queryField('duplicateGroups', (t) =>
  t.field({
    extensions: callsService,
    type: DuplicateGroupConnection,
    nullable: true,
    description:
      'imgcache: entries that look alike. Open groups: the surest first, then those with the most members; while a large store is looked through for the first time, those that are found by then (services says how far it is). Decided groups: the newest decision first. Null where imgcache is remote: it cannot say.',
    args: {
      state: t.arg({
        type: DuplicateStateEnum,
        required: true,
        defaultValue: 'OPEN',
        description: 'Which groups.',
      }),
      likeness: t.arg({
        type: LikenessEnum,
        required: true,
        defaultValue: 'NEARLY_CERTAIN',
        description:
          'How sure the pairs of open groups are at least. Of the same bytes there is one entry, so that IDENTICAL finds nothing.',
      }),
      first: t.arg.int(FIRST),
      after: t.arg.string(AFTER),
    },
    resolve: async (_root, { state, likeness, ...page }, { duplicates, scope }, info) => {
      if (!duplicates) return null;
      const reads = { duplicates, scope };
      return state === 'OPEN' ? openGroups(likeness, page, reads, info) : decidedGroups(page, reads, info);
    },
  }),
);

const openPlace = z
  .tuple([z.enum(PAIR_LIKENESSES), z.int().min(2).max(MAX_MEMBERS), z.string().refine(isContentHash)])
  .transform(([likeness, size, contentHash]): GroupPosition => ({ likeness, size, contentHash }));

async function openGroups(
  asked: Likeness,
  args: PageArguments,
  { duplicates, scope }: GroupReads,
  info: GraphQLResolveInfo,
): Promise<Connection<Group>> {
  const signal = scope.reads('IMGCACHE');
  const page = readPage(args, info, (argument, cursor) => readCursor(argument, cursor, openPlace));
  if (asked === 'IDENTICAL')
    return toConnection<Group>(
      [],
      page,
      () => '',
      async () => 0,
    );
  const { after, size } = page;
  const query = { likeness: asked, limit: size + 1, ...(after && { after }) };
  const found = await duplicates.listOpen(query, signal);
  const positions = new Map(found.map((group) => [openGroup(asked, group), positionOf(group)]));
  const cursorOf = (group: Group) => {
    const { likeness, size: members, contentHash } = positions.get(group)!;
    return encodeCursor(likeness, members, contentHash);
  };
  return toConnection([...positions.keys()], page, cursorOf, () => duplicates.countOpen(asked, signal));
}

const decidedPlace = z.tuple([z.int()]).transform(([seq]) => seq);

async function decidedGroups(
  args: PageArguments,
  { duplicates, scope }: GroupReads,
  info: GraphQLResolveInfo,
): Promise<Connection<Group>> {
  const signal = scope.reads('IMGCACHE');
  const page = readPage(args, info, (argument, cursor) => readCursor(argument, cursor, decidedPlace));
  const { after, size } = page;
  const query = { limit: size + 1, ...(after !== undefined && { after }) };
  const found = await duplicates.listDecisions(query, signal);
  return toConnection(
    found.map(decidedGroup),
    page,
    ({ decision }) => encodeCursor(decision!.seq),
    () => duplicates.countDecisions(signal),
  );
}
