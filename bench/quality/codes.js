// Pictures whose only content is a code: QR-like and bar-like ones, stripes, single letters. None of them can be read.
import sharp from 'sharp';
import { mulberry32 } from './random.js';

const SIDE = 480;

/**
 * A QR code of version 3 in all that a look can tell: finders, timing, alignment, quiet zone, modules that are random where
 * the text differs, and the same in all codes where they hold the beginning of an address, or nothing.
 */
function qr(random) {
  const size = 29;
  const quiet = 4;
  const shared = mulberry32(7);
  const black = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (__, x) => {
      const same = shared() < 0.5;
      const own = random() < 0.5;
      // A text is written from the right to the left; its end is filled up.
      return x > size - 5 || (x > 8 && x < 15) || (x > 18 && x < 21 && y > 14) ? same : own;
    }),
  );
  const square = (left, top, side, tone) => {
    for (let y = Math.max(0, top); y < Math.min(size, top + side); y++)
      for (let x = Math.max(0, left); x < Math.min(size, left + side); x++) black[y][x] = tone;
  };
  for (let at = 8; at < size - 8; at++) {
    black[6][at] = at % 2 === 0;
    black[at][6] = at % 2 === 0;
  }
  for (const [left, top] of [
    [0, 0],
    [size - 7, 0],
    [0, size - 7],
  ]) {
    square(left - 1, top - 1, 9, false);
    square(left, top, 7, true);
    square(left + 1, top + 1, 5, false);
    square(left + 2, top + 2, 3, true);
  }
  square(20, 20, 5, true);
  square(21, 21, 3, false);
  square(22, 22, 1, true);
  const module = SIDE / (size + 2 * quiet);
  const rects = black.flatMap((row, y) =>
    row.map((tone, x) =>
      tone ? `M${(x + quiet) * module} ${(y + quiet) * module}h${module}v${module}h${-module}z` : '',
    ),
  );
  return { width: SIDE, height: SIDE, drawing: `<path d="${rects.join('')}"/>` };
}

/** Code 128 in its looks: 11 modules a sign of three bars and three gaps, and the digits below. */
function barcode(random) {
  const widths = [];
  for (let sign = 0; sign < 13; sign++) {
    const parts = [1, 1, 1, 1, 1, 1];
    for (let extra = 0; extra < 5; extra++) {
      const open = parts.map((part, at) => (part < 4 ? at : -1)).filter((at) => at >= 0);
      parts[open[Math.floor(random() * open.length)]]++;
    }
    widths.push(...parts);
  }
  const module = SIDE / (widths.reduce((sum, width) => sum + width, 0) + 20);
  let x = 10 * module;
  let bars = '';
  widths.forEach((width, at) => {
    if (at % 2 === 0) bars += `<rect x="${x}" y="12" width="${width * module}" height="150"/>`;
    x += width * module;
  });
  const digits = Array.from({ length: 12 }, () => Math.floor(random() * 10)).join('');
  const label = `<text x="${SIDE / 2}" y="190" font-family="sans-serif" font-size="26" text-anchor="middle">${digits}</text>`;
  return { width: SIDE, height: 200, drawing: bars + label };
}

/** Bars from side to side. */
function stripes(random) {
  const across = random() < 0.5;
  let drawing = '';
  for (let at = 0; at < SIDE; ) {
    const thickness = 12 + random() * 70;
    const tone = Math.floor(random() * 256);
    const [x, y, width, height] = across ? [at, 0, thickness, SIDE] : [0, at, SIDE, thickness];
    drawing += `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="rgb(${tone},${tone},${tone})"/>`;
    at += thickness;
  }
  return { width: SIDE, height: SIDE, drawing };
}

const letter = (character) => () => ({
  width: SIDE,
  height: SIDE,
  drawing: `<text x="${SIDE / 2}" y="${SIDE * 0.82}" font-family="DejaVu Sans" font-weight="bold" font-size="${SIDE * 0.85}" text-anchor="middle">${character}</text>`,
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Kind and how the pictures of it are drawn. */
const KINDS = {
  QR: { count: 60, draw: () => qr },
  barcode: { count: 60, draw: () => barcode },
  stripes: { count: 30, draw: () => stripes },
  letter: { count: LETTERS.length, draw: (at) => letter(LETTERS[at]) },
};

/** @returns {{ kind: string, source: string, make: () => Promise<Buffer> }[]} */
export function codes() {
  return Object.entries(KINDS).flatMap(([kind, { count, draw }], at) =>
    Array.from({ length: count }, (_, number) => ({
      kind,
      source: `${kind} ${number}`,
      make: () => {
        const { width, height, drawing } = draw(number)(mulberry32(1000 * (at + 1) + number));
        const page = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${drawing}</svg>`;
        return sharp(Buffer.from(page)).png().toBuffer();
      },
    })),
  );
}
