import { type Descriptor, decodeDescriptor } from '../picture/descriptor.js';
import type { DescriptorRow, ImageSnapshot } from '../store/rows.js';
import { FollowedCopy } from './followed-copy.js';
import { VisualIndex, type VisualMatch } from './visual-index.js';

/** How many rows are read at once: some 10 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 1000;

/** The descriptors of one collection in memory, following the database. An image's key is the seq of its row. */
export class CollectionIndex {
  readonly #collectionId: string;
  readonly #copy: FollowedCopy<DescriptorRow>;
  #index = new VisualIndex();

  constructor(collectionId: string) {
    this.#collectionId = collectionId;
    this.#copy = new FollowedCopy(
      {
        add: (row) => this.#add(row),
        remove: (seq) => this.#index.remove(seq),
        clear: () => {
          this.#index.dispose();
          this.#index = new VisualIndex();
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

  /** Of the packed hashes and of what looks them up. */
  get bytes(): number {
    return this.#index.bytes;
  }

  /** Does a part of the work that makes later searches quicker. False when there is nothing left to do. */
  settle(): boolean {
    return this.#index.settle();
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    this.#index.dispose();
  }

  /** Everything alike, by rank, all of them greater than 0. */
  search(query: Descriptor): VisualMatch[] {
    return this.#index.search(query);
  }

  /** A descriptor that cannot be read takes the place of the one before, too. */
  #add({ seq, descriptor }: DescriptorRow): void {
    const decoded = decodeDescriptor(descriptor);
    if (decoded) this.#index.add(seq, decoded);
    else this.#index.remove(seq);
  }
}
