import { arena, BLOCK_SLOTS, HIGH, LOW, NUMBER, PLACE, SLOT_WORDS } from './code-chains.js';

/** A keypoint of a table. */
export interface Slot {
  readonly low: number;
  readonly high: number;
  readonly number: number;
  /** Where it is in its picture, packed. */
  readonly place: number;
}

/** Slots one behind the other in blocks of the arena. Whoever needs the list no more frees it. */
export class SlotList {
  /** Where the blocks are. */
  readonly #blocks: number[] = [];
  #count = 0;
  /** The first blocks, so many, were given back. */
  #freed = 0;

  get blocks(): readonly number[] {
    return this.#blocks;
  }

  /** How many there are, those that were given back too. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return (this.#blocks.length - this.#freed) * BLOCK_SLOTS * SLOT_WORDS * 4;
  }

  /** Makes room for so many more: to add them does not fail for want of memory. */
  reserve(more: number): void {
    while (this.#count + more > this.#blocks.length * BLOCK_SLOTS) this.#blocks.push(arena.allocate());
  }

  add({ low, high, number, place }: Slot): void {
    this.reserve(1);
    const word = this.#wordOf(this.#count++);
    const { words } = arena;
    words[word + LOW] = low;
    words[word + HIGH] = high;
    words[word + NUMBER] = number;
    words[word + PLACE] = place;
  }

  /** Adds the slots of another list from `first` to before `end`. */
  addFrom(other: SlotList, first: number, end: number): void {
    this.reserve(end - first);
    for (let slot = first; slot < end; ) {
      const leftOfBlock = Math.min(
        BLOCK_SLOTS - (slot % BLOCK_SLOTS),
        BLOCK_SLOTS - (this.#count % BLOCK_SLOTS),
      );
      const some = Math.min(end - slot, leftOfBlock);
      const from = other.#wordOf(slot);
      arena.words.copyWithin(this.#wordOf(this.#count), from, from + some * SLOT_WORDS);
      this.#count += some;
      slot += some;
    }
  }

  at(slot: number): Slot {
    const word = this.#wordOf(slot);
    const { words } = arena;
    return {
      low: words[word + LOW]!,
      high: words[word + HIGH]!,
      number: words[word + NUMBER]!,
      place: words[word + PLACE]!,
    };
  }

  /** Gives the blocks back that have no slots but those before this one, which must not be read any more. */
  freeBefore(slot: number): void {
    for (const blocks = Math.floor(slot / BLOCK_SLOTS); this.#freed < blocks; this.#freed++)
      arena.free(this.#blocks[this.#freed]!);
  }

  /** Gives all blocks back. It must not be used any more. */
  free(): void {
    for (const block of this.#blocks.slice(this.#freed)) arena.free(block);
    this.#freed = this.#blocks.length;
  }

  /** Where the words of a slot begin in the arena. */
  #wordOf(slot: number): number {
    return this.#blocks[Math.floor(slot / BLOCK_SLOTS)]! / 4 + SLOT_WORDS * (slot % BLOCK_SLOTS);
  }
}
