import { z } from 'zod';
import { isContentHash } from '../../services/content-hash.js';
import type { Entry } from '../../services/entry.js';
import { ENTRY_ORDERS, type EntryOrder, type EntryPosition } from '../../services/entry-order.js';
import type { ClientCount, EntryFilter } from '../../services/entry-query.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import {
  AFTER,
  BEFORE,
  checkFirst,
  FIRST,
  LAST,
  MAX_FIRST,
  rangeOf,
  readPage,
  toConnection,
} from './connection.js';
import { OrderedCursors } from './cursor.js';
import { EntryFilterInput, readEntryFilter } from './entry-filter.js';
import { EntryRef } from './refs.js';
import { checkBucket, checkText, timeText } from './validation.js';

const EntryOrderEnum = builder.enumType('EntryOrder', {
  description: 'What a list of entries is sorted by.',
  values: {
    NEWEST_FIRST: { description: 'By createdAt, then contentHash ascending.' },
    OLDEST_FIRST: { description: 'The reverse of NEWEST_FIRST.' },
    LARGEST_FIRST: { description: 'By fileSizeBytes, then contentHash descending.' },
    SMALLEST_FIRST: { description: 'The reverse of LARGEST_FIRST.' },
  } satisfies Record<EntryOrder, object>,
});

const contentHash = z.string().refine(isContentHash);
const byTime = {
  partsOf: (entry: Entry) => [entry.createdAt, entry.contentHash],
  place: z
    .tuple([timeText, contentHash])
    .transform(([createdAt, contentHash]): EntryPosition => ({ createdAt, contentHash })),
};
const bySize = {
  partsOf: (entry: Entry) => [entry.fileSizeBytes, entry.contentHash],
  place: z
    .tuple([z.int().nonnegative(), contentHash])
    .transform(([fileSizeBytes, contentHash]): EntryPosition => ({ fileSizeBytes, contentHash })),
};
const cursors = new OrderedCursors<EntryOrder, Entry, EntryPosition>('NEWEST_FIRST', {
  NEWEST_FIRST: byTime,
  OLDEST_FIRST: byTime,
  LARGEST_FIRST: bySize,
  SMALLEST_FIRST: bySize,
});

const EntryConnection = builder.connectionObject(
  {
    type: EntryRef,
    name: 'EntryConnection',
    description: 'A page of entries.',
    edgesNullable: false,
    nodeNullable: false,
  },
  { name: 'EntryEdge', description: 'An entry and its place in the list.' },
);

builder.queryField('entries', (t) =>
  t.field({
    extensions: callsService,
    type: EntryConnection,
    nullable: true,
    description:
      'first or last: 1 to 100. Cursors survive deletions, and are good for the order that they are of.',
    args: {
      filter: t.arg({ type: EntryFilterInput, description: 'Absent means all entries.' }),
      first: t.arg.int(FIRST),
      after: t.arg.string(AFTER),
      last: t.arg.int(LAST),
      before: t.arg.string(BEFORE),
      orderBy: t.arg({
        type: EntryOrderEnum,
        required: true,
        defaultValue: 'NEWEST_FIRST',
        description: 'What the list is sorted by.',
      }),
    },
    resolve: async (_root, { filter: given, orderBy, ...args }, { loaders }, info) => {
      const page = readPage(args, info, cursors.read.bind(cursors, orderBy));
      const filter: EntryFilter = readEntryFilter(given ?? {});
      const list = loaders.entries.inBucket(checkBucket('filter.bucket', given?.bucket));
      const order = page.backwards ? ENTRY_ORDERS[orderBy].reverse : orderBy;
      const entries = await list.page.load({ order, filter, ...rangeOf(page) });
      return toConnection(entries, page, cursors.encode.bind(cursors, orderBy), () =>
        list.count.load(filter),
      );
    },
  }),
);

const ClientName = builder.objectRef<ClientCount>('ClientName').implement({
  description: 'A client that stored entries first.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As filter.clientNames takes it.' }),
    entryCount: t.exposeInt('entryCount', { description: 'How many entries it stored first.' }),
  }),
});

builder.queryField('clientNames', (t) =>
  t.field({
    extensions: callsService,
    type: [ClientName],
    nullable: true,
    description: 'Clients by number of entries, the most first, then by name.',
    args: {
      first: t.arg.int({ ...FIRST, defaultValue: MAX_FIRST }),
      startsWith: t.arg.string({ description: 'What their names begin with, letter by letter.' }),
    },
    resolve: async (_root, { first, startsWith }, { loaders }) => {
      const query = {
        startsWith: checkText('startsWith', startsWith ?? ''),
        limit: checkFirst(first, MAX_FIRST),
      };
      return [...(await loaders.entries.clients.load(query))];
    },
  }),
);
