import type { Frame } from './border.js';
import { RASTER_SIZE } from './raster.js';

/** A line is quiet while this share of its pixels is within the tolerance of its own middle tone. */
const QUIET_SHARE = 0.75;
const TOLERANCE = 5;
/** A busy line outweighs a third of a quiet one, so that a part goes on over a narrow quiet stripe in it. */
const QUIET_WEIGHT = 3;
/** Less than this on both axes is no picture on a screen but a small thing on it. */
const SMALLEST_PART = RASTER_SIZE * 0.25;
/** As far from the content on every side the part would be looked at twice. */
const SAME_EDGE = 3;

/**
 * The largest rectangle of busy lines: a picture among bars with a clock, a title or some words in them, which
 * withoutBorder() cannot take off. Null where there is none, or where it is the content.
 */
export function busyFrame(luma: Uint8Array, content: Frame): Frame | null {
  let { left, right, top, bottom } = content;
  for (let pass = 0; pass < 2; pass++) {
    [top, bottom] = busiest(luma, [top, bottom], RASTER_SIZE, [left, right], 1);
    [left, right] = busiest(luma, [left, right], 1, [top, bottom], RASTER_SIZE);
  }
  if (bottom - top < SMALLEST_PART || right - left < SMALLEST_PART) return null;
  const moves = [left - content.left, top - content.top, content.right - right, content.bottom - bottom];
  return moves.every((move) => move <= SAME_EDGE) ? null : { left, top, right, bottom };
}

type Span = readonly [start: number, end: number];

/** The neighbouring lines with the most busy ones, less what is quiet among them; each is looked at over `along`. */
function busiest(luma: Uint8Array, lines: Span, lineStep: number, along: Span, pixelStep: number): Span {
  let best: Span = [lines[0], lines[0]];
  let most = 0;
  let start = lines[0];
  let weight = 0;
  for (let line = lines[0]; line < lines[1]; line++) {
    weight += isQuiet(luma, line * lineStep, along, pixelStep) ? -QUIET_WEIGHT : 1;
    if (weight <= 0) {
      weight = 0;
      start = line + 1;
    } else if (weight > most) {
      most = weight;
      best = [start, line + 1];
    }
  }
  return best;
}

const counts = new Uint16Array(256);

function isQuiet(luma: Uint8Array, first: number, [start, end]: Span, step: number): boolean {
  counts.fill(0);
  for (let at = start; at < end; at++) counts[luma[first + at * step]!]!++;
  const half = (end - start) / 2;
  let middle = 0;
  for (let below = counts[0]!; below < half; below += counts[middle]!) middle++;
  let near = 0;
  for (let tone = Math.max(0, middle - TOLERANCE); tone <= Math.min(255, middle + TOLERANCE); tone++)
    near += counts[tone]!;
  return near >= QUIET_SHARE * (end - start);
}
