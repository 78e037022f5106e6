// Whether two pictures show the same thing where the search says that they do, judged by their pixels alone: one is laid over
// the other as the similarity says, and small cells of both are compared.
import sharp from 'sharp';

/** The side of a cell, in pixels of the coarser one of both pictures. */
const CELL = 16;
/** Cells are the same when their tones go up and down together, by the normalised correlation. */
const LEAST_CORRELATION = 0.8;
/**
 * The least standard deviation of tones along either axis, once lines across it are taken out: flat cells, edges and lines
 * are everywhere the same.
 */
const LEAST_DEVIATION = 6;
/** So many cells make a part, 2048 pixels: of pictures that have nothing in common, laid over each other anyhow, some agree. */
const LEAST_CELLS = 8;
/** How far a cell may lie from where the similarity has it, in pixels: places of keypoints are that exact. */
const REACH = 4;

/**
 * @typedef {{ scale: number, angle: number, x: number, y: number }} Similarity in shares of the longer sides, see similarity.ts
 * @typedef {{ data: Uint8Array, width: number, height: number }} Tones
 */

/**
 * How many cells of the match's picture the query shows as well.
 *
 * @param {string} query file
 * @param {string} match file
 * @param {{ similarity: Similarity, mirrored: boolean }} laid moves places of the match to the query, mirrored or not
 */
export async function sharedCells(query, match, { similarity, mirrored }) {
  const [queryFull, matchFull] = [await tonesOf(query), await tonesOf(match)];
  const scale = (similarity.scale * longerSide(queryFull)) / longerSide(matchFull);
  const a = scale > 1 ? await tonesOf(query, longerSide(queryFull) / scale) : queryFull;
  const b = scale < 1 ? await tonesOf(match, longerSide(matchFull) * scale) : matchFull;
  const [laid, covered] = laidOver(a, b, similarity, mirrored);
  let shared = 0;
  for (let top = REACH; top + CELL + REACH <= b.height; top += CELL)
    for (let left = REACH; left + CELL + REACH <= b.width; left += CELL)
      if (isShared({ left, top }, b, laid, covered)) shared++;
  return shared;
}

/** @param {number} cells */
export function makesPart(cells) {
  return cells >= LEAST_CELLS;
}

const longerSide = ({ width, height }) => Math.max(width, height);

/** @returns {Promise<Tones>} */
async function tonesOf(file, side) {
  const picture = sharp(file).autoOrient().flatten({ background: '#ffffff' });
  const sized = side
    ? picture.resize(Math.max(1, Math.round(side)), Math.max(1, Math.round(side)), { fit: 'inside' })
    : picture;
  const { data, info } = await sized.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const tones = info.channels === 1 ? data : data.filter((_, at) => at % info.channels === 0);
  return { data: tones, width: info.width, height: info.height };
}

/** The query's tones at each pixel of the match, and where the query has any. */
function laidOver(query, { width, height }, { scale, angle, x, y }, mirrored) {
  const laid = new Float32Array(width * height);
  const covered = new Uint8Array(width * height);
  const [from, to] = [Math.max(width, height), longerSide(query)];
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [px, py] = [(column + 0.5) / from, (row + 0.5) / from];
      const across = (cos * px - sin * py + x) * to;
      const qx = (mirrored ? query.width - across : across) - 0.5;
      const qy = (sin * px + cos * py + y) * to - 0.5;
      if (qx < 0 || qy < 0 || qx >= query.width - 1 || qy >= query.height - 1) continue;
      const [left, top] = [Math.floor(qx), Math.floor(qy)];
      const at = top * query.width + left;
      const between = (first, second) => first + (qx - left) * (second - first);
      const upper = between(query.data[at], query.data[at + 1]);
      const lower = between(query.data[at + query.width], query.data[at + query.width + 1]);
      laid[row * width + column] = upper + (qy - top) * (lower - upper);
      covered[row * width + column] = 1;
    }
  }
  return [laid, covered];
}

/** Whether the cell at a place has something in it, and the query shows the same near there. */
function isShared({ left, top }, { data, width }, laid, covered) {
  const own = cellOf(data, width, left, top);
  if (!isTelling(own)) return false;
  for (let dy = -REACH; dy <= REACH; dy++) {
    for (let dx = -REACH; dx <= REACH; dx++) {
      const corner = (top + dy) * width + left + dx;
      if (!covered[corner] || !covered[corner + (CELL - 1) * (width + 1)]) continue;
      const other = cellOf(laid, width, left + dx, top + dy);
      if (correlation(own, other) >= LEAST_CORRELATION && isTelling(other)) return true;
    }
  }
  return false;
}

function cellOf(tones, width, left, top) {
  const cell = new Float32Array(CELL * CELL);
  for (let row = 0; row < CELL; row++)
    for (let column = 0; column < CELL; column++)
      cell[row * CELL + column] = tones[(top + row) * width + left + column];
  return cell;
}

/** Not flat, nor the same along all rows or columns. */
function isTelling(cell) {
  const rows = new Float64Array(CELL);
  const columns = new Float64Array(CELL);
  let mean = 0;
  cell.forEach((tone, at) => {
    rows[Math.floor(at / CELL)] += tone / CELL;
    columns[at % CELL] += tone / CELL;
    mean += tone / cell.length;
  });
  let squares = 0;
  cell.forEach((tone, at) => {
    squares += (tone - rows[Math.floor(at / CELL)] - columns[at % CELL] + mean) ** 2;
  });
  return Math.sqrt(squares / cell.length) >= LEAST_DEVIATION;
}

function correlation(a, b) {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    sumA += a[at];
    sumB += b[at];
    squaresA += a[at] * a[at];
    squaresB += b[at] * b[at];
    products += a[at] * b[at];
  }
  const n = a.length;
  const spread = Math.sqrt((squaresA - sumA ** 2 / n) * (squaresB - sumB ** 2 / n));
  return spread < 1e-6 ? 0 : (products - (sumA * sumB) / n) / spread;
}
