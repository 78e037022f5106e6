import { Thumbnail } from '../grid/picture-cell.js';
import { entryTiles } from '../grid/tile.js';
import { Icon } from '../shell/icon.js';
import type { Member } from './ask-groups.js';
import type { Numbered } from './compare.js';
import { REASONS } from './members.js';

interface MemberListProps {
  members: readonly Member[];
  pair: readonly [Numbered, Numbered] | null;
  /** The content hashes that are to be kept; null where nothing is to be decided. */
  keep: ReadonlySet<string> | null;
  onTick(at: number, alone: boolean): void;
  onShow(pair: readonly [number, number]): void;
}

/** All members of a group: which are compared, which are to be kept, and what speaks for each. */
export function MemberList({ members, pair, keep, onTick, onShow }: MemberListProps) {
  const [left, right] = pair ? [pair[0].number - 1, pair[1].number - 1] : [-1, -1];
  return (
    <ul class="members">
      {members.map((member, at) => (
        <MemberRow
          key={member.entry.contentHash}
          member={member}
          number={at + 1}
          isShown={at === left || at === right}
          isKept={keep?.has(member.entry.contentHash) ?? null}
          onTick={() => onTick(at, false)}
          onShow={at === left || members.length < 3 ? null : () => onShow([left, at])}
        />
      ))}
    </ul>
  );
}

interface MemberRowProps {
  member: Member;
  number: number;
  isShown: boolean;
  isKept: boolean | null;
  onTick(): void;
  /** Null where it is compared in any case. */
  onShow: (() => void) | null;
}

function MemberRow({ member, number, isShown, isKept, onTick, onShow }: MemberRowProps) {
  const { entry, isSuggestedKeep, reasons } = member;
  const tile = entryTiles.tile(entry);
  return (
    <li class={`member ${isShown ? 'shown' : ''} ${isKept === false ? 'goes' : ''}`}>
      {onShow ? (
        <button
          type="button"
          class="member-picture"
          aria-pressed={isShown}
          aria-label={`Compare picture ${number}, ${tile.label}`}
          onClick={onShow}
        >
          <Thumbnail tile={{ ...tile, label: '' }} sizes="64px" />
        </button>
      ) : (
        <span class="member-picture">
          <Thumbnail tile={{ ...tile, label: '' }} sizes="64px" />
        </span>
      )}
      <div class="member-text">
        <a href={tile.href}>
          {number} · {tile.label}
        </a>
        <span class="hint">{tile.facts}</span>
        <span class="reasons">
          {isSuggestedKeep && (
            <strong>
              <Icon name="check" /> suggested
            </strong>
          )}{' '}
          {reasons.map((reason) => REASONS[reason]).join(', ')}
        </span>
      </div>
      {isKept !== null && (
        <label class="check">
          <input type="checkbox" checked={isKept} onChange={onTick} />
          <span>
            Keep<span class="visually-hidden"> picture {number}</span>
          </span>
        </label>
      )}
    </li>
  );
}
