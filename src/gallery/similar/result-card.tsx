import type { Likeness } from '../generated.js';
import { Thumbnail } from '../grid/picture-cell.js';
import type { Tile } from '../grid/tile.js';
import { LIKENESS } from './words.js';

interface ResultCardProps {
  tile: Tile;
  likeness: Likeness;
  /** Such as `3 of 64 bits differ`. */
  numbers: string;
  /** Such as the name of its collection. */
  where?: string | undefined;
}

/** A look-alike: the picture, how sure it is in words and in numbers, and where it is. */
export function ResultCard({ tile, likeness, numbers, where }: ResultCardProps) {
  return (
    <li class="result">
      <a href={tile.href}>
        <span class="frame">
          <Thumbnail tile={tile} sizes="160px" />
        </span>
        <span class={`likeness ${likeness.toLowerCase()}`}>{LIKENESS[likeness]}</span>
        <span class="numbers">{numbers}</span>
        {where && <span class="where">{where}</span>}
        <span class="name">{tile.label}</span>
      </a>
    </li>
  );
}
