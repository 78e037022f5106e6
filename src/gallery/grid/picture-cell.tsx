import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../shell/icon.js';
import { marked, toggle } from './selection.js';
import type { Tile } from './tile.js';

interface PictureCellProps {
  tile: Tile;
  width: number;
  height: number;
  column: number;
  /** Whether Tab comes to this one of the grid. */
  isActive: boolean;
  onFocus(): void;
  onMark(event: MouseEvent): void;
}

/** One picture of a grid: it opens, and can be marked. */
export function PictureCell({ tile, width, height, column, isActive, onFocus, onMark }: PictureCellProps) {
  const isMarked = marked.value.has(tile.id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of pictures that are not all there are no table.
    <div
      role="gridcell"
      tabIndex={-1}
      aria-colindex={column}
      aria-selected={isMarked}
      class={`cell ${isMarked ? 'marked' : ''}`}
      style={{ width: `${width}px`, height: `${height}px` }}
    >
      <a
        href={tile.href}
        data-id={tile.id}
        tabIndex={isActive ? 0 : -1}
        title={`${tile.label}\n${tile.facts}`}
        onFocus={onFocus}
        onClick={(event) => {
          // While some are marked, a press with Shift marks too; a plain one opens.
          if (!event.shiftKey) return;
          event.preventDefault();
          onMark(event);
        }}
      >
        <Thumbnail tile={tile} sizes={`${Math.ceil(width)}px`} />
        <span class="caption" aria-hidden="true">
          <span class="name">{tile.label}</span>
          <span>{tile.facts}</span>
        </span>
      </a>
      <button
        type="button"
        class="mark"
        tabIndex={-1}
        aria-pressed={isMarked}
        aria-label={`Mark ${tile.label}`}
        onClick={(event) => (event.shiftKey ? onMark(event) : toggle(tile))}
      >
        <Icon name="check" />
      </button>
    </div>
  );
}

/** The small copy of a picture; the name of its type where there is none. */
export function Thumbnail({
  tile,
  sizes,
}: {
  tile: Pick<Tile, 'picture' | 'label' | 'kind'>;
  sizes: string;
}) {
  const { picture, label, kind } = tile;
  const element = useRef<HTMLImageElement>(null);
  useLayoutEffect(() => {
    const image = element.current;
    return () => {
      // A picture that is still to be loaded keeps its row in memory, and is loaded for nobody.
      image?.removeAttribute('src');
      image?.removeAttribute('srcset');
    };
  }, []);
  if (!picture)
    return (
      <span class="undecoded" role="img" aria-label={label}>
        {kind}
      </span>
    );
  return (
    <img
      ref={element}
      src={picture.src}
      srcset={picture.srcset}
      sizes={sizes}
      alt={label}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={({ currentTarget }) => currentTarget.classList.add('broken')}
    />
  );
}
