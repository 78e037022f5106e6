import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { offsetOf, place } from '../router.js';
import { type Row, rowOf } from './justify.js';
import { moved } from './keys.js';
import { markAll, toggle } from './selection.js';
import type { Tile, TileSource } from './tile.js';
import type { GridWindow } from './use-window.js';

/** The picture that had the focus last, by the entry of the history: who comes back finds it again. */
const focused = new Map<string, string>();

interface FocusOptions<Item> {
  element: RefObject<HTMLElement | null>;
  items: readonly Item[];
  source: TileSource<Item>;
  rows: readonly Row[];
  aspects: readonly number[];
  window: GridWindow;
  onKey(key: string, tile: Tile): void;
}

/** The focus in a grid: Tab comes to one picture, arrows go to the others, with Shift they mark. */
export function useFocus<Item>(options: FocusOptions<Item>) {
  const { items, source, rows, aspects, window, onKey } = options;
  const [active, setActive] = useState(0);
  const anchor = useRef<number | null>(null);
  const wanted = useFocusWanted(options);

  const tilesBetween = (from: number, to: number) =>
    items.slice(Math.min(from, to), Math.max(from, to) + 1).map(source.tile);

  function focus(index: number) {
    const item = items[index];
    if (!item) return;
    window.scrollToRow(rowOf(rows, index));
    wanted.current = source.id(item);
    setActive(index);
  }

  function onKeyDown(event: KeyboardEvent) {
    const item = items[active];
    if (!item || !(event.target as Element).matches('a')) return;
    if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return markAll(items.map(source.tile));
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moved(event.key, active, rows, aspects);
    if (to === null) {
      if (event.key === 'x') toggle(source.tile(item));
      else onKey(event.key, source.tile(item));
      return;
    }
    event.preventDefault();
    if (event.shiftKey) {
      anchor.current ??= active;
      markAll(tilesBetween(anchor.current, to));
    } else anchor.current = null;
    focus(to);
  }

  return {
    active: Math.min(active, Math.max(items.length - 1, 0)),
    onKeyDown,
    onFocus(index: number) {
      const item = items[index];
      if (item) focused.set(place.peek().key, source.id(item));
      setActive(index);
    },
    /** Marks from the picture that has the focus to another one. */
    markTo: (index: number) => markAll(tilesBetween(active, index)),
  };
}

/** Focuses the picture of an id once it is rendered, and begins with the one that had the focus when the reader went away. */
function useFocusWanted<Item>({ element, rows, items, source }: FocusOptions<Item>) {
  const wanted = useRef<string | null>(null);
  const isBack = useRef(false);
  useLayoutEffect(() => {
    if (isBack.current || rows.length === 0) return;
    isBack.current = true;
    const here = place.peek();
    const last = focused.get(here.key);
    const index = last === undefined ? -1 : items.findIndex((item) => source.id(item) === last);
    if (index >= 0) wanted.current = last ?? null;
    scrollTo(0, offsetOf(here));
  });
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const link = element.current?.querySelector<HTMLElement>(`a[data-id="${CSS.escape(wanted.current)}"]`);
    if (!link) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  return wanted;
}
