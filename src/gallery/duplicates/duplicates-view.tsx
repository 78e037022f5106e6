import { useEffect } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { navigate, place, withSearch } from '../router.js';
import { Action } from '../shell/action.js';
import { Failure } from '../shell/failure.js';
import { announce } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { acceptSuggestions } from './accept-dialog.js';
import { LIKENESSES, likenessOf } from './address.js';
import { type Group, groupsIn, NoGroups, useGroupCount, useGroups, useProgress } from './ask-groups.js';
import { DecidedRow } from './decided-row.js';
import { GroupRow } from './group-row.js';
import { NoSuchGroups, RemoteImgcache } from './nothing.js';
import { waiting } from './verdicts.js';

/** Entries that look alike, in groups: those to be decided of, or those that were. */
export function DuplicatesView() {
  const { search } = place.value;
  const state = search.get('state') === 'decided' ? 'DECIDED' : 'OPEN';
  const pages = useGroups(state, likenessOf(search));
  const groups = groupsIn(pages.data).filter(({ id }) => !waiting.value.has(id));
  if (pages.error instanceof NoGroups)
    return (
      <main>
        <RemoteImgcache />
      </main>
    );
  return (
    <main class="duplicates">
      <Head isDecided={state === 'DECIDED'} groups={groups} />
      {pages.isSuccess && <Progress shown={groups.length} />}
      {pages.isError && (
        <Failure what="The groups cannot be read." error={pages.error} retry={() => void pages.refetch()} />
      )}
      {pages.isLoading && <p class="hint center">Reading…</p>}
      {pages.isSuccess && groups.length === 0 && !pages.hasNextPage && <NoSuchGroups state={state} />}
      <ul class="groups">
        {groups.map((group) =>
          group.decision ? (
            <DecidedRow key={group.id} group={group} decision={group.decision} />
          ) : (
            <GroupRow key={group.id} group={group} />
          ),
        )}
      </ul>
      {pages.hasNextPage && (
        <button
          type="button"
          class="button"
          disabled={pages.isFetching}
          onClick={() => void pages.fetchNextPage()}
        >
          More groups
        </button>
      )}
    </main>
  );
}

function Head({ isDecided, groups }: { isDecided: boolean; groups: readonly Group[] }) {
  const { search } = place.value;
  const likeness = likenessOf(search);
  const total = useGroupCount(isDecided ? 'DECIDED' : 'OPEN', likeness);
  const words =
    total === null ? '' : isDecided ? count(total, 'decision') : count(total - waiting.value.size, 'group');
  useEffect(() => announce(words), [words]);
  const problem = useProblem({ scope: 'WRITE', unlimited: true });
  return (
    <div class="toolbar">
      <h1>Duplicates</h1>
      <span class="total">{words}</span>
      {!isDecided && (
        <fieldset class="segments">
          <legend class="visually-hidden">How sure</legend>
          {Object.entries(LIKENESSES).map(([name, label]) => (
            <label key={name}>
              <input
                type="radio"
                name="likeness"
                checked={likeness === name}
                onChange={() => navigate(withSearch({ likeness: name === 'NEARLY_CERTAIN' ? null : name }))}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      )}
      <fieldset class="segments">
        <legend class="visually-hidden">Which groups</legend>
        {[null, 'decided'].map((state) => (
          <label key={state}>
            <input
              type="radio"
              name="state"
              checked={isDecided === (state !== null)}
              onChange={() => navigate(withSearch({ state }))}
            />
            <span>{state === null ? 'To decide' : 'Decided'}</span>
          </label>
        ))}
      </fieldset>
      {!isDecided && groups.length > 1 && (
        <Action icon="check" problem={problem} onPress={() => acceptSuggestions(groups)}>
          Accept suggestions…
        </Action>
      )}
    </div>
  );
}

/** How far the comparison of entries is, while the list is not complete. */
function Progress({ shown }: { shown: number }) {
  const message = useProgress(shown);
  if (message === null) return null;
  return (
    <p class="progress-line" role="status">
      {message}
    </p>
  );
}
