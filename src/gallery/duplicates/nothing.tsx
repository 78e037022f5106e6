import type { DuplicateState } from '../generated.js';
import { hrefOf, place } from '../router.js';
import { LIKENESSES, likenessOf } from './address.js';

/** Says what would stand here, and how it comes here. */
export function NoSuchGroups({ state }: { state: DuplicateState }) {
  if (state === 'DECIDED')
    return (
      <section class="nothing">
        <h2>Nothing decided yet</h2>
        <p>What you decide of groups stands here, the newest first, and can be undone at any time.</p>
        <a class="button" href={hrefOf({ name: 'duplicates' })}>
          Groups to decide
        </a>
      </section>
    );
  const likeness = likenessOf(place.value.search);
  const wider = likeness === 'NEARLY_CERTAIN' ? 'LIKELY' : likeness === 'LIKELY' ? 'POSSIBLE' : null;
  return (
    <section class="nothing">
      <h2>No duplicates to decide</h2>
      <p>
        Entries of imgcache are compared by their dHash: other sizes, formats and qualities of one picture
        come here in a group, with the one that is best to keep. You decide once, and it is remembered. Crops
        and mirrored copies have other hashes: look-alikes of a picture find them in the collections.
      </p>
      <div class="actions">
        {wider && (
          <a class="button primary" href={hrefOf({ name: 'duplicates' }, { likeness: wider })}>
            Look for {LIKENESSES[wider].toLowerCase()} ones too
          </a>
        )}
        <a class="button" href={hrefOf({ name: 'duplicates' }, { state: 'decided' })}>
          What was decided
        </a>
        <a class="button" href={hrefOf({ name: 'import' })}>
          Import pictures
        </a>
      </div>
    </section>
  );
}

export function RemoteImgcache() {
  return (
    <section class="nothing">
      <h1>Duplicates</h1>
      <p>
        The imgcache of this gateway is at an address of its own, and cannot say which of its entries look
        alike: groups are made by the imgcache in the gateway alone. Look-alikes of one picture are found all
        the same.
      </p>
      <a class="button" href={hrefOf({ name: 'similar' })}>
        Look-alikes
      </a>
    </section>
  );
}
