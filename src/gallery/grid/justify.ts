/** A row of pictures that have one height and fill the width together. */
export interface Row {
  /** The index of its first picture. */
  start: number;
  /** The index behind its last one. */
  end: number;
  height: number;
}

export interface Measures {
  width: number;
  /** What the heights of rows are near to. */
  height: number;
  gap: number;
}

/**
 * Divides pictures into rows. Each row takes as many as bring its height nearest to the wanted one; the last row is no higher than
 * that, and may leave room.
 * @param aspects of each picture, width by height
 */
export function justify(aspects: readonly number[], { width, height, gap }: Measures): Row[] {
  const rows: Row[] = [];
  let start = 0;
  let sum = 0;
  const heightOf = (total: number, pictures: number) => (width - gap * (pictures - 1)) / total;
  for (const [index, aspect] of aspects.entries()) {
    const before = index - start;
    const [without, withIt] = [heightOf(sum, before), heightOf(sum + aspect, before + 1)];
    if (before > 0 && withIt < height && height - withIt > without - height) {
      rows.push({ start, end: index, height: without });
      start = index;
      sum = 0;
    }
    sum += aspect;
    if (heightOf(sum, index + 1 - start) > height) continue;
    rows.push({ start, end: index + 1, height: heightOf(sum, index + 1 - start) });
    start = index + 1;
    sum = 0;
  }
  if (start < aspects.length) rows.push({ start, end: aspects.length, height });
  return rows;
}

/** The index of the row that holds a picture. */
export function rowOf(rows: readonly Row[], picture: number): number {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.end > picture) high = middle;
    else low = middle + 1;
  }
  return low;
}
