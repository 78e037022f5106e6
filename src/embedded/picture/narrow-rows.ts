import { createArena, type GreyArena, SPARE_BYTES } from './grey-kernel.js';
import { lanczosWindows, type Window } from './lanczos.js';

/** The weights of so many samples stand together, as whole ones or in a lower and an upper part each, in 32 bytes. */
const TOGETHER = { WHOLE: 16, PARTS: 8 } as const;
const WORDS_TOGETHER = 16;
/** The first sample, the first weight and the end of the weights. */
const WINDOW_WORDS = 3;
const LOWER_BITS = 15;
/** Weights of long rows, which are small, are not parted. */
const MOST_WHOLE = 2 ** 15 - 1;

/** A memory for rows of up to some 40,000 samples stays for the next picture; longer ones have one for themselves. */
const KEPT_BYTES = 2 ** 20;
let kept: GreyArena | undefined;

/** Resizes the rows of a picture to a few samples, as Pillow does with the Lanczos filter, bit for bit. */
export class NarrowRows {
  /** The row to resize next. */
  readonly row: Uint8Array;
  /** What became of it. */
  readonly narrow: Uint8Array;
  readonly #narrow: GreyArena['kernel']['narrow'];
  readonly #windowsAt: number;
  readonly #windowsEnd: number;
  readonly #narrowAt: number;

  constructor(width: number, samples: number) {
    const windows = lanczosWindows(width, samples);
    const isWhole = windows.every(({ weights }) => weights.every((weight) => Math.abs(weight) <= MOST_WHOLE));
    const together = isWhole ? TOGETHER.WHOLE : TOGETHER.PARTS;
    const wordsOf = ({ weights }: Window) => WORDS_TOGETHER * Math.ceil(weights.length / together);
    const weightsAt = aligned(width + SPARE_BYTES);
    const weightWords = windows.reduce((sum, window) => sum + wordsOf(window), 0);
    this.#windowsAt = weightsAt + 2 * weightWords;
    this.#windowsEnd = this.#windowsAt + 4 * WINDOW_WORDS * samples;
    this.#narrowAt = this.#windowsEnd;
    const { memory, kernel } = arenaOf(this.#narrowAt + samples);
    this.#narrow = isWhole ? kernel.narrowLong : kernel.narrow;
    this.row = new Uint8Array(memory.buffer, 0, width);
    this.narrow = new Uint8Array(memory.buffer, this.#narrowAt, samples);
    const table = new Int32Array(memory.buffer, this.#windowsAt, WINDOW_WORDS * samples);
    let at = weightsAt;
    for (const [i, window] of windows.entries()) {
      const words = new Int16Array(memory.buffer, at, wordsOf(window));
      // Weights of zero fill up the last ones, so that it does not matter which samples they meet.
      words.fill(0);
      if (isWhole) words.set(window.weights);
      else writeParts(window, words);
      table.set([window.first, at, at + words.byteLength], WINDOW_WORDS * i);
      at += words.byteLength;
    }
  }

  resize(): void {
    this.#narrow(this.#windowsAt, this.#windowsEnd, this.#narrowAt);
  }
}

function arenaOf(bytes: number): GreyArena {
  if (bytes > KEPT_BYTES) return createArena(bytes);
  kept ??= createArena(KEPT_BYTES);
  return kept;
}

function writeParts({ weights }: Window, words: Int16Array): void {
  for (const [i, weight] of weights.entries()) {
    const at = WORDS_TOGETHER * Math.floor(i / TOGETHER.PARTS) + (i % TOGETHER.PARTS);
    words[at] = weight & ((1 << LOWER_BITS) - 1);
    words[at + TOGETHER.PARTS] = weight >> LOWER_BITS;
  }
}

/** Numbers of 32 bits have to stand at a multiple of four, and weights are fastest at one of sixteen. */
function aligned(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}
