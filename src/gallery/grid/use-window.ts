import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Row } from './justify.js';

/** Rows as far as this outside of the window are there already; in pixels. */
const MARGIN = 600;
/** It is looked again which rows are to be seen when the page was scrolled by this much. */
const STEP = 200;
/** What the header and the bar at the bottom may cover. */
const COVERED = 76;

export interface VisibleRow {
  index: number;
  /** From the top of the grid. */
  top: number;
}

/** The part of a long grid that is in the window. */
export interface GridWindow {
  visible: readonly VisibleRow[];
  /** Of the whole grid. */
  height: number;
  /** Scrolls as little as brings a row into the window. */
  scrollToRow(index: number): void;
}

/** Says which rows are to be seen while the window scrolls: their heights are known, so that none is measured. */
export function useWindow(
  rows: readonly Row[],
  element: RefObject<HTMLElement | null>,
  gap: number,
): GridWindow {
  const tops = useMemo(() => topsOf(rows, gap), [rows, gap]);
  const [seen, setSeen] = useState({ from: 0, height: innerHeight });
  useLayoutEffect(() => {
    const look = () => {
      const above = -(element.current?.getBoundingClientRect().top ?? 0);
      const [from, height] = [Math.floor(above / STEP) * STEP, innerHeight];
      setSeen((before) => (before.from === from && before.height === height ? before : { from, height }));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  });
  const [first, last] = [
    rowAt(tops, seen.from - MARGIN),
    rowAt(tops, seen.from + seen.height + STEP + MARGIN),
  ];
  const visible = rows
    .slice(first, last + 1)
    .map((_, at) => ({ index: first + at, top: tops[first + at] ?? 0 }));
  return {
    visible,
    height: tops.at(-1) ?? 0,
    scrollToRow(index) {
      const gridTop = element.current?.getBoundingClientRect().top ?? 0;
      const top = gridTop + (tops[index] ?? 0);
      const bottom = top + (rows[index]?.height ?? 0);
      if (top < COVERED) scrollBy(0, top - COVERED);
      else if (bottom > innerHeight - COVERED) scrollBy(0, bottom - innerHeight + COVERED);
    },
  };
}

/** The top of each row, and behind the last one the height of all. */
function topsOf(rows: readonly Row[], gap: number): number[] {
  const tops = [0];
  for (const { height } of rows) tops.push(tops[tops.length - 1]! + height + gap);
  return tops;
}

/** The last row that begins at or above a height; the first one where none does. */
function rowAt(tops: readonly number[], height: number): number {
  let [low, high] = [0, Math.max(tops.length - 2, 0)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
