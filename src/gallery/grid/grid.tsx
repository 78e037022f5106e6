import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { kept } from '../shell/kept.js';
import { justify, type Row } from './justify.js';
import { PictureCell } from './picture-cell.js';
import type { Tile, TileSource } from './tile.js';
import { useFocus } from './use-focus.js';
import { useWidth } from './use-width.js';
import { useWindow } from './use-window.js';

const GAP = 6;
/** Smaller pictures than this tell nothing, and are hard to hit. */
const MIN_COLUMN = 88;
/** Of a column's width: pictures are wider than high. */
const HEIGHT_OF_COLUMN = 0.82;

/** How many pictures of usual form stand in a row, as the reader wants it. */
export const columns = kept<number>('columns', innerWidth < 600 ? 3 : 6);

interface GridProps<Item> {
  label: string;
  items: readonly Item[];
  source: TileSource<Item>;
  hasMore: boolean;
  /** Called when the end is near. */
  onEnd(): void;
  /** Keys that are pressed on a picture, besides those of the grid itself. */
  onKey(key: string, tile: Tile): void;
}

/** Rows of pictures, of which those in the window are there, however many there are. */
export function Grid<Item>({ label, items, source, hasMore, onEnd, onKey }: GridProps<Item>) {
  const element = useRef<HTMLDivElement>(null);
  const width = useWidth(element);
  const aspects = useMemo(() => items.map(source.aspect), [items, source]);
  const rows = useRows(aspects, width, columns.value);
  const window = useWindow(rows, element, GAP);
  const focus = useFocus({ element, items, source, rows, aspects, onKey, window });
  const lastRow = window.visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && rows.length > 0 && lastRow >= rows.length - 3) onEnd();
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of pictures that are not all there are no table.
    <div
      ref={element}
      class="grid"
      role="grid"
      tabIndex={-1}
      aria-label={label}
      aria-multiselectable="true"
      aria-rowcount={hasMore ? -1 : rows.length}
      style={{ height: `${window.height}px` }}
      onKeyDown={focus.onKeyDown}
    >
      {window.visible.map(({ index, top }) => {
        const { start: first, end, height } = rows[index] ?? { start: 0, end: 0, height: 0 };
        return (
          <GridRow key={first} index={index} top={top}>
            {items.slice(first, end).map((item, at) => (
              <PictureCell
                key={source.id(item)}
                tile={source.tile(item)}
                width={height * (aspects[first + at] ?? 1)}
                height={height}
                column={at + 1}
                isActive={first + at === focus.active}
                onFocus={() => focus.onFocus(first + at)}
                onMark={() => focus.markTo(first + at)}
              />
            ))}
          </GridRow>
        );
      })}
    </div>
  );
}

function useRows(aspects: readonly number[], width: number, wanted: number): Row[] {
  return useMemo(() => {
    const shown = Math.max(Math.min(wanted, Math.floor(width / MIN_COLUMN)), 1);
    return width > 0 ? justify(aspects, { width, height: (width / shown) * HEIGHT_OF_COLUMN, gap: GAP }) : [];
  }, [aspects, width, wanted]);
}

function GridRow({ index, top, children }: { index: number; top: number; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above.
    <div
      role="row"
      tabIndex={-1}
      class="row"
      aria-rowindex={index + 1}
      style={{ transform: `translateY(${top}px)` }}
    >
      {children}
    </div>
  );
}
