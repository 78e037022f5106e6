import { KeypointIndex } from '../keypoints/keypoint-index.js';
import { decodeKeypoints } from '../keypoints/keypoints.js';
import { type Descriptor, decodeDescriptor } from '../picture/descriptor.js';
import { INDEXED_VIEWS } from '../picture/views.js';
import type { DescriptionRow, ImageSnapshot } from '../store/rows.js';
import { FollowedCopy } from './followed-copy.js';
import { VisualIndex, type VisualMatch } from './visual-index.js';
import type { AskedViews } from './visual-rule.js';

/** How many rows are read at once: some 10 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 1000;

/** What the keypoints of a collection may have of memory. */
export interface KeypointBounds {
  /** A collection whose keypoints need more is searched without. */
  maxBytes: number;
  /** Told when the keypoints of a collection are searched no more, and when they are again. */
  onSearched(collectionId: string, areSearched: boolean): void;
}

/** The descriptions of one collection in memory, following the database. An image's key is the seq of its row. */
export class CollectionIndex {
  readonly #collectionId: string;
  readonly #copy: FollowedCopy<DescriptionRow>;
  #index = new VisualIndex();
  /** Null when they take more memory than they may: the collection is searched without. */
  #keypoints: KeypointIndex | null = new KeypointIndex();
  readonly #bounds: KeypointBounds;

  constructor(collectionId: string, bounds: KeypointBounds) {
    this.#collectionId = collectionId;
    this.#bounds = bounds;
    this.#copy = new FollowedCopy(
      {
        add: (row) => this.#add(row),
        remove: (seq) => this.#remove(seq),
        clear: () => {
          this.dispose();
          this.#index = new VisualIndex();
          if (!this.#keypoints) this.#bounds.onSearched(this.#collectionId, true);
          this.#keypoints = new KeypointIndex();
        },
      },
      ({ seq }) => seq,
    );
  }

  /** Takes over a slice of what was added and deleted. False when there may be more before it is as the snapshot. */
  async follow(snapshot: ImageSnapshot): Promise<boolean> {
    const changes = await snapshot.changes(this.#collectionId, this.#copy.position, SLICE_ROWS);
    this.#copy.take(changes);
    return !changes.more;
  }

  /** What a search costs, in images that each view of a query is compared with. */
  get size(): number {
    return this.#index.size;
  }

  /** Of the packed hashes, of what looks them up, and of the keypoints. */
  get bytes(): number {
    return this.#index.bytes + (this.#keypoints?.bytes ?? 0);
  }

  /** Null while there are too many for the memory that they may have. */
  get keypoints(): KeypointIndex | null {
    return this.#keypoints;
  }

  /** Does a part of the work that makes later searches quicker. False when there is nothing left to do. */
  settle(): boolean {
    return this.#index.settle() || (this.#keypoints?.settle() ?? false);
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    this.#index.dispose();
    this.#keypoints?.dispose();
  }

  /** Of the hash of the whole of an image; 0 where it has none. */
  discountOf(key: number): number {
    return this.#index.discountOf(key);
  }

  /** Everything alike, by rank, all of them greater than 0. */
  search(query: Descriptor, asked: AskedViews): VisualMatch[] {
    return this.#index.search(query, asked);
  }

  /** What cannot be read takes the place of what was before, too. */
  #add({ seq, descriptor, keypoints }: DescriptionRow): void {
    this.#remove(seq);
    const decoded = decodeDescriptor(descriptor, INDEXED_VIEWS);
    if (decoded) this.#index.add(seq, decoded);
    const places = keypoints && this.#keypoints && decodeKeypoints(keypoints);
    if (places) this.#keypoints!.add(seq, places);
    if (!this.#keypoints || this.#keypoints.bytes <= this.#bounds.maxBytes) return;
    this.#keypoints.dispose();
    this.#keypoints = null;
    this.#bounds.onSearched(this.#collectionId, false);
  }

  #remove(seq: number): void {
    this.#index.remove(seq);
    this.#keypoints?.remove(seq);
  }
}
