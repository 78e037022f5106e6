import { navigate, place, withSearch } from '../router.js';
import { MAX_DISTANCE } from './ask-similar.js';
import { BothColumns } from './columns.js';
import { OneList } from './one-list.js';
import type { Subject } from './subject.js';

/** Where copies are likely: see docs/similarity.md. */
const USUAL_DISTANCE = 10;

/** What looks like a picture, in both services: side by side, or as one list. The view and the distance are in the address. */
export function LookAlikes({ subject }: { subject: Subject }) {
  const { search } = place.value;
  const distance = distanceOf(search);
  const asOne = search.get('view') === 'one';
  const show = (view: string | null) => navigate(withSearch({ view }), { replace: true });
  return (
    <section class="look-alikes" aria-label="Look-alikes">
      <div class="toolbar">
        <fieldset class="segments">
          <legend class="visually-hidden">View</legend>
          <label>
            <input type="radio" name="view" checked={!asOne} onChange={() => show(null)} />
            <span>Side by side</span>
          </label>
          <label>
            <input type="radio" name="view" checked={asOne} onChange={() => show('one')} />
            <span>Both as one</span>
          </label>
        </fieldset>
        <label class="distance">
          <span>
            Up to <strong>{distance}</strong> of 64 bits
          </span>
          <input
            type="range"
            min="0"
            max={MAX_DISTANCE}
            value={distance}
            aria-label="In how many of 64 bits the hashes of entries may differ"
            onInput={({ currentTarget }) =>
              navigate(withSearch({ distance: currentTarget.value }), { replace: true })
            }
          />
        </label>
      </div>
      {asOne ? (
        <OneList subject={subject} distance={distance} />
      ) : (
        <BothColumns subject={subject} distance={distance} />
      )}
    </section>
  );
}

function distanceOf(search: URLSearchParams): number {
  const given = Number(search.get('distance') ?? USUAL_DISTANCE);
  return Number.isInteger(given) && given >= 0 && given <= MAX_DISTANCE ? given : USUAL_DISTANCE;
}
