import { setImmediate } from 'node:timers/promises';
import { type ExpressionBuilder, sql } from 'kysely';
import type { ImageFilter, ImageOrder, ImagePosition } from '../../../services/visualsnoop.js';
import type { StoredImage, StoredImageQuery } from '../store.js';
import { OF_COLLECTIONS } from './deleted-collections.js';
import type { Db, Tables } from './tables.js';

export const IMAGE = [
  'collection_id as collectionId',
  'image_id as imageId',
  'image_time as imageTime',
  'content_hash as contentHash',
] as const;

/** The work of this thread between two of others: milliseconds. */
const SLICE = 10_000;

/** A part of an order: behind a place, from one on, in front of one, and up to one. */
interface Range {
  order: ImageOrder;
  after?: ImagePosition | undefined;
  from?: ImagePosition | undefined;
  before?: ImagePosition | undefined;
  upTo?: ImagePosition | undefined;
}

const REVERSE = { NEWEST_FIRST: 'OLDEST_FIRST', OLDEST_FIRST: 'NEWEST_FIRST' } as const;

/** By the index `images_newest`, forwards or backwards; slice by slice where many may not match. */
export async function listImages(
  db: Db,
  collectionId: string,
  { order = 'NEWEST_FIRST', filter = {}, limit, ...bounds }: StoredImageQuery,
): Promise<StoredImage[]> {
  const range: Range = { order, ...bounds };
  const list = (part: Range, count: number) =>
    inOrder(select(db, collectionId, part, filter).select(IMAGE), order)
      .limit(count)
      .execute();
  if (filter.imageIdContains === undefined) return list(range, limit);
  const found: StoredImage[] = [];
  for await (const slice of slices(db, collectionId, range, filter)) {
    found.push(...(await list(slice, limit - found.length)));
    if (found.length === limit) break;
  }
  return found;
}

export async function countImages(db: Db, collectionId: string, filter: ImageFilter): Promise<number> {
  let total = 0;
  for await (const slice of slices(db, collectionId, { order: 'NEWEST_FIRST' }, filter)) {
    const { count } = await select(db, collectionId, slice, filter)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    total += count;
  }
  return total;
}

/** The range in parts of so many images with their times within the filter. */
async function* slices(
  db: Db,
  collectionId: string,
  range: Range,
  { imageIdContains: _, ...times }: ImageFilter,
): AsyncGenerator<Range> {
  for (let { after, from } = range; ; ) {
    const part = { ...range, after, from };
    const end = await inOrder(
      select(db, collectionId, part, times).select(['image_time as imageTime', 'image_id as imageId']),
      range.order,
    )
      .offset(SLICE - 1)
      .limit(1)
      .executeTakeFirst();
    yield { ...part, upTo: end };
    if (!end) return;
    after = end;
    from = undefined;
    await setImmediate();
  }
}

function select(
  db: Db,
  collectionId: string,
  { order, after, from, before, upTo }: Range,
  filter: ImageFilter,
) {
  const { imageIdContains: part, imageTimeFrom, imageTimeBefore } = filter;
  let query = db.selectFrom('images').where('collection_id', '=', collectionId).where(OF_COLLECTIONS);
  if (after) query = query.where((where) => behind(where, order, after, ''));
  if (from) query = query.where((where) => behind(where, order, from, '='));
  if (before) query = query.where((where) => behind(where, REVERSE[order], before, ''));
  if (upTo) query = query.where((where) => behind(where, REVERSE[order], upTo, '='));
  if (imageTimeFrom !== undefined) query = query.where('image_time', '>=', imageTimeFrom);
  if (imageTimeBefore !== undefined) query = query.where('image_time', '<', imageTimeBefore);
  // SQLite's lower() knows the ASCII letters only, as is wanted.
  if (part !== undefined) query = query.where(sql<boolean>`instr(lower(image_id), lower(${part})) > 0`);
  return query;
}

function inOrder<Query extends Ordered>(query: Query, order: ImageOrder): Query {
  const newestFirst = order === 'NEWEST_FIRST';
  return query
    .orderBy('image_time', newestFirst ? 'desc' : 'asc')
    .orderBy('image_id', newestFirst ? 'asc' : 'desc') as Query;
}

interface Ordered {
  orderBy(column: 'image_time' | 'image_id', direction: 'asc' | 'desc'): Ordered;
}

/** The condition on a place in the order. The first comparison is implied, but only by it the index is entered. */
function behind(
  where: ExpressionBuilder<Tables, 'images'>,
  order: ImageOrder,
  { imageTime, imageId }: ImagePosition,
  orAtIt: '' | '=',
) {
  const [later, larger] = order === 'NEWEST_FIRST' ? (['<', '>'] as const) : (['>', '<'] as const);
  return where.and([
    where('image_time', `${later}=`, imageTime),
    where.or([where('image_time', later, imageTime), where('image_id', `${larger}${orAtIt}`, imageId)]),
  ]);
}
