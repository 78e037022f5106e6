import { sql } from 'kysely';
import { isStorable } from '../../../services/storable-text.js';
import type {
  Changes,
  DescriptionRow,
  ImageRow,
  ImageRows,
  ImageSnapshot,
  KeypointsRow,
  Picture,
  Position,
} from '../rows.js';
import {
  type FeedPosition,
  type FeedState,
  feedRows,
  feedState,
  isVoid,
  nextPosition,
  readPosition,
  writePosition,
} from './change-feed.js';
import { OF_COLLECTIONS } from './deleted-collections.js';
import { told } from './failures.js';
import { allHashBytes } from './hashes.js';
import type { Db } from './tables.js';

/** The images as the visual search reads them: each state is a transaction that only reads. */
export class PostgresImageRows implements ImageRows {
  readonly #db: Db;
  readonly #version: number;

  /** @param version rows with descriptors of another one do not count as added */
  constructor(db: Db, version: number) {
    this.#db = db;
    this.#version = version;
  }

  async atOnce<T>(work: (snapshot: ImageSnapshot) => Promise<T>): Promise<T> {
    const transaction = this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only');
    try {
      return await transaction.execute((state) => work(new PostgresImageSnapshot(state, this.#version)));
    } catch (error) {
      throw told(error);
    }
  }
}

class PostgresImageSnapshot implements ImageSnapshot {
  readonly #db: Db;
  readonly #version: number;

  constructor(db: Db, version: number) {
    this.#db = db;
    this.#version = version;
  }

  changes(collectionId: string, after: Position | null, limit: number): Promise<Changes<DescriptionRow>> {
    const position = readPosition(after);
    return position && position.filledTo === undefined
      ? this.#follow(collectionId, position, limit)
      : this.#fill(collectionId, position, limit);
  }

  async #fill(
    collectionId: string,
    position: FeedPosition | null,
    limit: number,
  ): Promise<Changes<DescriptionRow>> {
    const { rows } = await sql<FeedState & Omit<FollowedImage, 'xact'>>`
      with ${feedState(position?.seen ?? null)},
      batch as (
        select seq, descriptor, keypoints from images left join image_keypoints using (seq)
        where collection_id = ${collectionId} and descriptor_version = ${this.#version}
          and seq > ${position?.filledTo ?? 0}
        order by seq limit ${limit})
      select database, snapshot::text, trimmed, seq, descriptor, keypoints from state left join batch on true
      order by seq`.execute(this.#db);
    const state = rows[0]!;
    if (position && isVoid(position, state)) return this.#beginAnew(collectionId, limit);
    const added = rows.flatMap(({ seq, descriptor, keypoints }) =>
      seq && descriptor ? [{ seq, descriptor, keypoints }] : [],
    );
    const seen = position?.seen ?? state.snapshot;
    const filledTo = added.length === limit ? { filledTo: added.at(-1)!.seq } : {};
    return {
      added,
      deletedSeqs: [],
      position: writePosition({ database: state.database, seen, ...filledTo }),
      more: true,
      reset: false,
    };
  }

  async #follow(
    collectionId: string,
    position: FeedPosition,
    limit: number,
  ): Promise<Changes<DescriptionRow>> {
    const { rows } = await sql<FeedState & FollowedImage>`
      with ${feedState(position.seen)}, ${feedRows({ collectionId }, position, limit)}
      select database, snapshot::text, trimmed, noted.xact::text, noted.seq, descriptor, keypoints
      from state left join noted on true
        left join images on images.seq = noted.seq and descriptor_version = ${this.#version}
        left join image_keypoints on image_keypoints.seq = images.seq
      order by noted.xact, noted.seq`.execute(this.#db);
    const state = rows[0]!;
    if (isVoid(position, state)) return this.#beginAnew(collectionId, limit);
    const added: DescriptionRow[] = [];
    const deletedSeqs: number[] = [];
    for (const { seq, descriptor, keypoints } of rows) {
      if (seq === null) continue;
      if (descriptor) added.push({ seq, descriptor, keypoints });
      else deletedSeqs.push(seq);
    }
    return { added, deletedSeqs, ...nextPosition(position, state, rows, limit), reset: false };
  }

  async #beginAnew(collectionId: string, limit: number): Promise<Changes<DescriptionRow>> {
    return { ...(await this.#fill(collectionId, null, limit)), reset: true };
  }

  async pictures(
    collectionId: string,
    imageIds: readonly string[],
  ): Promise<readonly (Picture & { imageId: string })[]> {
    const { rows } = await sql<Picture & { imageId: string }>`
      select image_id as "imageId", encode(content_hash, 'hex') as "contentHash", descriptor, keypoints
      from images left join image_keypoints using (seq)
      where collection_id = ${collectionId} and image_id = any(${imageIds.filter(isStorable)}::text[])
        and ${OF_COLLECTIONS}`.execute(this.#db);
    return rows;
  }

  async identical(
    collectionId: string,
    contentHashes: readonly string[],
  ): Promise<readonly (ImageRow & { contentHash: string })[]> {
    const { rows } = await sql<ImageRow & { contentHash: string }>`
      select seq, image_id as "imageId", encode(content_hash, 'hex') as "contentHash" from images
      where content_hash = any(${allHashBytes(contentHashes)}::bytea[]) and collection_id = ${collectionId}
      order by image_id`.execute(this.#db);
    return rows;
  }

  async named(seqs: readonly number[]): Promise<readonly ImageRow[]> {
    const { rows } = await sql<ImageRow>`
      select seq, image_id as "imageId" from images where seq = any(${seqs}::bigint[])`.execute(this.#db);
    return rows;
  }

  async keypoints(seqs: readonly number[]): Promise<readonly KeypointsRow[]> {
    const { rows } = await sql<KeypointsRow>`
      select seq, keypoints from image_keypoints where seq = any(${seqs}::bigint[])`.execute(this.#db);
    return rows;
  }
}

interface FollowedImage {
  xact: string | null;
  seq: number | null;
  descriptor: Buffer | null;
  keypoints: Buffer | null;
}
