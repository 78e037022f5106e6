import { type Row, rowOf } from './justify.js';

/** Where the focus goes with a key, from one picture of a grid; null for keys that do not move it. */
export function moved(
  key: string,
  from: number,
  rows: readonly Row[],
  aspects: readonly number[],
): number | null {
  const last = aspects.length - 1;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(from - 1, 0);
    case 'ArrowRight':
      return Math.min(from + 1, last);
    case 'ArrowUp':
      return beside(from, -1, rows, aspects);
    case 'ArrowDown':
      return beside(from, 1, rows, aspects);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** The picture of the next row whose middle is nearest to that of this one. */
function beside(from: number, step: 1 | -1, rows: readonly Row[], aspects: readonly number[]): number {
  const index = rowOf(rows, from);
  const [here, there] = [rows[index], rows[index + step]];
  if (!here || !there) return from;
  const middle = middleOf(from, here, aspects);
  let best = there.start;
  for (let picture = there.start; picture < there.end; picture++)
    if (
      Math.abs(middleOf(picture, there, aspects) - middle) < Math.abs(middleOf(best, there, aspects) - middle)
    )
      best = picture;
  return best;
}

function middleOf(picture: number, { start, height }: Row, aspects: readonly number[]): number {
  const before = aspects.slice(start, picture).reduce((sum, aspect) => sum + aspect, 0);
  return height * (before + (aspects[picture] ?? 0) / 2);
}
