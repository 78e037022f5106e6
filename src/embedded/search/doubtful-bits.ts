import { HASH_BYTES } from '../picture/dct-hash.js';
import type { View } from '../picture/views.js';
import { CHUNK_BITS, CHUNKS, chunkOf } from './hash-chunks.js';

/** So many bits of each chunk of a query are doubtful: the first that an edit turns. */
export const DOUBTFUL_BITS = 9;
/** What a picture's neighbouring views disagree in is hardly there: frequencies near zero. */
const NEIGHBOURS = 4;
/** How far a view moves by a degree, in shares of a side. */
const MOVE_PER_DEGREE = 0.007;

const known = new WeakMap<readonly View[], readonly (readonly number[])[]>();

/** The views that show nearly the same, by view, as indices into `views`. */
export function neighboursOf(views: readonly View[]): readonly (readonly number[])[] {
  const before = known.get(views);
  if (before) return before;
  const neighbours = views.map((view, own) =>
    views
      .map((other, index) => ({ index, distance: distance(view, other) }))
      .filter(({ index }) => index !== own)
      .sort((a, b) => a.distance - b.distance || a.index - b.index)
      .slice(0, NEIGHBOURS)
      .map(({ index }) => index),
  );
  known.set(views, neighbours);
  return neighbours;
}

function distance(a: View, b: View): number {
  const left = (view: View) => (1 - view.size) * view.x;
  const top = (view: View) => (1 - view.size) * view.y;
  const edges = [left, top, (view: View) => left(view) + view.size, (view: View) => top(view) + view.size];
  const moved = edges.reduce((sum, edge) => sum + Math.abs(edge(a) - edge(b)), 0);
  return moved / 4 + MOVE_PER_DEGREE * Math.abs(a.degrees - b.degrees);
}

/**
 * The DOUBTFUL_BITS of each chunk of a chunked hash: those that most of its neighbours disagree in, the higher
 * frequencies first.
 * @param neighbours up to seven
 */
export function doubtfulBits(hash: Uint8Array, neighbours: readonly Uint8Array[]): Uint8Array {
  const doubtful = new Uint8Array(HASH_BYTES);
  for (const chunk of CHUNKS) {
    const own = chunkOf(hash, chunk);
    // How many disagree in each bit, as numbers of three digits: a digit of all bits is one number.
    let [ones, twos, fours] = [0, 0, 0];
    for (const neighbour of neighbours) {
      const differing = own ^ chunkOf(neighbour, chunk);
      const carried = ones & differing;
      ones ^= differing;
      fours ^= twos & carried;
      twos ^= carried;
    }
    let left = DOUBTFUL_BITS;
    let chosen = 0;
    for (let doubt = neighbours.length; doubt >= 0 && left > 0; doubt--) {
      const others = (doubt & 1 ? ~ones : ones) | (doubt & 2 ? ~twos : twos) | (doubt & 4 ? ~fours : fours);
      for (let bits = ~others & ALL; bits > 0 && left > 0; left--) {
        const highest = 1 << (31 - Math.clz32(bits));
        chosen |= highest;
        bits ^= highest;
      }
    }
    doubtful[2 * chunk] = chosen;
    doubtful[2 * chunk + 1] = chosen >> 8;
  }
  return doubtful;
}

const ALL = 2 ** CHUNK_BITS - 1;
