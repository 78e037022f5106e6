// What people do to pictures: 81 edits. Each takes a picture and gives the bytes of an edited copy.
import { AMONG_OTHERS, BORDERS, FRAMES } from './frames.js';
import { CHAINS, CROPS, TURNS, UPRIGHT_TURNS } from './places.js';
import { INVERTED, MARKS, TONES } from './tones.js';

/**
 * @type {Record<string, (picture: import('./drawing.js').Picture, random: () => number,
 *   others: import('./drawing.js').Picture[]) => Promise<Buffer>>}
 */
export const EDITS = {
  ...TONES,
  ...UPRIGHT_TURNS,
  ...BORDERS,
  ...CROPS,
  ...TURNS,
  ...CHAINS,
  ...MARKS,
  ...FRAMES,
  ...AMONG_OTHERS,
  ...INVERTED,
};

/** Those after which the whole picture is there, upright or turned by right angles. */
export const LIGHT = new Set(Object.keys({ ...TONES, ...UPRIGHT_TURNS, ...BORDERS }));

export const SHOWS_OTHERS = new Set(Object.keys(AMONG_OTHERS));
