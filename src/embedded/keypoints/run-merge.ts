import {
  arena,
  BLOCK_ENDS,
  firstChain,
  LEAST_CHAIN_BITS,
  MOST_CHAIN_BITS,
  type Run,
  SECTIONS,
  sortRun,
  sortSection,
  startOfSection,
} from './code-chains.js';
import { SlotList } from './slot-list.js';

/** How many slots a chain has on average. */
const CHAIN_SLOTS = 4;

/** A run of these slots, which takes them over and sorts them at once. */
export function sortedRun(slots: SlotList): Run {
  const run = emptyRun(slots, slots.count);
  run.ends.forEach((_, i) => {
    run.ends[i] = arena.allocate();
  });
  sortRun(run);
  run.sections.end = SECTIONS;
  return run;
}

/** A run that has no section yet, nor ends, with as many chains as so many slots should have. */
function emptyRun(slots: SlotList, count: number): Run {
  const bits = Math.floor(Math.log2(count / CHAIN_SLOTS));
  const chainBits = Math.max(LEAST_CHAIN_BITS, Math.min(MOST_CHAIN_BITS, bits));
  const ends = new Array<number>(Math.ceil(2 ** chainBits / BLOCK_ENDS)).fill(0);
  return { slots, chainBits, ends, sections: { first: 0, end: 0 } };
}

/** Gives the memory of a run to others. It must not be used any more. */
export function freeRun(run: Run): void {
  run.slots.free();
  freeEnds(run);
}

/** The same where its slots are another one's now. */
export function freeEnds({ ends }: Run): void {
  freeEndsBefore(ends, ends.length);
}

/** Gives back the first blocks of ends, so many. */
function freeEndsBefore(ends: number[], blocks: number): void {
  for (let i = 0; i < blocks; i++) {
    if (ends[i]! > 0) arena.free(ends[i]!);
    ends[i] = 0;
  }
}

/** In bytes. */
export function bytesOfRun({ slots, ends }: Run): number {
  return slots.bytes + ends.filter((block) => block > 0).length * BLOCK_ENDS * 4;
}

/**
 * Moves the slots of some runs to one that takes their place, section by section: before and after each step every slot is in
 * one of them, and all of them together take little more memory than before. A probe is looked for in one run where it was
 * looked for in many, so that much fewer lines of memory are read.
 */
export class RunMerge {
  readonly #sources: readonly Run[];
  readonly target: Run;

  constructor(sources: readonly Run[]) {
    this.#sources = sources;
    this.target = emptyRun(
      new SlotList(),
      sources.reduce((sum, { slots }) => sum + slots.count, 0),
    );
  }

  /** Whether a run goes into the other one. */
  isSource(run: Run): boolean {
    return this.#sources.includes(run);
  }

  /** Moves sections until so many slots have moved. False when all sections have: the sources are empty. */
  step(slots: number): boolean {
    const { sections, slots: moved } = this.target;
    const enough = moved.count + slots;
    while (sections.end < SECTIONS && moved.count < enough) this.#moveSection(sections.end);
    return sections.end < SECTIONS;
  }

  #moveSection(section: number): void {
    const { slots, sections, chainBits, ends } = this.target;
    const first = slots.count;
    ends[Math.floor(firstChain(section, chainBits) / BLOCK_ENDS)] ||= arena.allocate();
    const parts = this.#sources.map((run) => ({
      run,
      start: startOfSection(run, section),
      end: startOfSection(run, section + 1),
    }));
    slots.reserve(parts.reduce((sum, { start, end }) => sum + end - start, 0));
    for (const { run, start, end } of parts) {
      slots.addFrom(run.slots, start, end);
      run.sections.first = section + 1;
      run.slots.freeBefore(end);
      // The last chain says where the next section begins.
      const last = firstChain(section + 1, run.chainBits) - 1;
      freeEndsBefore(run.ends, Math.floor(last / BLOCK_ENDS));
    }
    sortSection(this.target, section, first);
    sections.end = section + 1;
  }
}
