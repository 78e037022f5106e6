import { RASTER_SIZE } from './raster.js';

/** A rectangle in the pixels of a raster; right and bottom are outside of it. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const WHOLE_FRAME: Frame = { left: 0, top: 0, right: RASTER_SIZE, bottom: RASTER_SIZE };

/** A line belongs to the border while this share of its pixels is within the tolerance of the outermost line's mean. */
const BORDER_SHARE = 0.97;
const TOLERANCE = 12;
/** Less than this on both axes of what is left is no picture with a border but a small thing on a plain ground. */
const SMALLEST_CONTENT = RASTER_SIZE * 0.3;

/** The frame without bars and borders of one tone; WHOLE_FRAME when there are none. */
export function withoutBorder(luma: Uint8Array): Frame {
  const rows = { start: 0, end: RASTER_SIZE };
  const columns = { start: 0, end: RASTER_SIZE };
  for (let pass = 0; pass < 2; pass++) {
    shrink(luma, rows, RASTER_SIZE, columns, 1);
    shrink(luma, columns, 1, rows, RASTER_SIZE);
  }
  const height = rows.end - rows.start;
  const width = columns.end - columns.start;
  if (height === RASTER_SIZE && width === RASTER_SIZE) return WHOLE_FRAME;
  return { left: columns.start, top: rows.start, right: columns.end, bottom: rows.end };
}

interface Span {
  start: number;
  end: number;
}

/** Takes lines off both ends of `lines`; each is looked at over the span `along`. */
function shrink(luma: Uint8Array, lines: Span, lineStep: number, along: Span, pixelStep: number): void {
  const take = (from: number, towards: 1 | -1): number => {
    const count = along.end - along.start;
    let sum = 0;
    for (let i = along.start; i < along.end; i++) sum += luma[from * lineStep + i * pixelStep]!;
    const tone = sum / count;
    let line = from;
    while (line >= lines.start && line < lines.end) {
      let like = 0;
      for (let i = along.start; i < along.end; i++) {
        if (Math.abs(luma[line * lineStep + i * pixelStep]! - tone) <= TOLERANCE) like++;
      }
      if (like < BORDER_SHARE * count) break;
      line += towards;
    }
    // The line next to a border is a mixture of both.
    return line === from ? from : line + towards;
  };
  const start = take(lines.start, 1);
  const end = take(lines.end - 1, -1) + 1;
  if (end - start < SMALLEST_CONTENT) return;
  lines.start = start;
  lines.end = end;
}
