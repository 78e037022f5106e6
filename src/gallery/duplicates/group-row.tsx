import { Thumbnail } from '../grid/picture-cell.js';
import { entryTiles } from '../grid/tile.js';
import { place } from '../router.js';
import { Icon } from '../shell/icon.js';
import { bytesInWords, count } from '../shell/units.js';
import { LIKENESS } from '../similar/words.js';
import { hrefOfGroup } from './address.js';
import type { Group } from './ask-groups.js';
import { inOrder, REASONS } from './members.js';
import { widestInWords } from './words.js';

/** As many pictures are shown in a row. */
const SHOWN = 6;

/** A group to decide of: its pictures, the suggested one first and why, and what deleting the others would free. */
export function GroupRow({ group }: { group: Group }) {
  const members = inOrder(group.members);
  const [suggested, ...others] = members;
  if (!suggested) return null;
  const bytes = others.reduce((sum, { entry }) => sum + entry.fileSizeBytes, 0);
  return (
    <li class="group">
      <a href={hrefOfGroup(group.id, place.value.search)}>
        <GroupPictures members={members} kept={[suggested.entry.contentHash]} />
        <span class="group-text">
          <strong>{count(members.length, 'picture')}</strong>
          <span class={`likeness ${group.likeness.toLowerCase()}`}>
            {LIKENESS[group.likeness]} <span class="numbers">{widestInWords(group.widest)}</span>
          </span>
          <span>
            Keep <em>{entryTiles.tile(suggested.entry).label}</em>
            {suggested.reasons.length > 0 &&
              `: ${suggested.reasons.map((reason) => REASONS[reason]).join(', ')}`}
          </span>
          <span class="hint">
            The {others.length === 1 ? 'other takes' : 'others take'} {bytesInWords(bytes)}
          </span>
        </span>
      </a>
    </li>
  );
}

interface GroupPicturesProps {
  members: Group['members'];
  /** The content hashes of those that are marked. */
  kept: readonly string[];
}

/** The first of them, with a mark on those that are to be kept. */
export function GroupPictures({ members, kept }: GroupPicturesProps) {
  const more = members.length - SHOWN;
  return (
    <span class="group-pictures">
      {members.slice(0, more > 0 ? SHOWN - 1 : SHOWN).map(({ entry }) => (
        <span key={entry.contentHash} class="group-picture">
          <Thumbnail tile={entryTiles.tile(entry)} sizes="120px" />
          {kept.includes(entry.contentHash) && (
            <span class="kept-mark">
              <Icon name="check" />
            </span>
          )}
        </span>
      ))}
      {more > 0 && <span class="group-picture more">+{more + 1}</span>}
    </span>
  );
}
