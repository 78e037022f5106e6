import { useEffect } from 'preact/hooks';
import { hrefOf, navigate, place } from '../router.js';
import { addressHere } from '../settings.js';
import { Failure } from '../shell/failure.js';
import { hrefOfGroup, hrefOfList, likenessOf, type PairLikeness } from './address.js';
import { type Group, groupsIn, prefetchGroup, useGroup, useGroups } from './ask-groups.js';
import { inOrder } from './members.js';
import { Review } from './review.js';
import { waiting } from './verdicts.js';

/** One group of look-alikes, to be decided of. */
export function GroupView({ groupId }: { groupId: string }) {
  const { search } = place.value;
  const { data: group, error, refetch } = useGroup(groupId);
  const { next, position } = useNext(groupId, likenessOf(search));
  usePreload(next?.id);
  const goOn = () => navigate(next ? hrefOfGroup(next.id, search) : hrefOfList(search));
  if (error)
    return (
      <main>
        <Failure what="The group cannot be read." error={error} retry={() => void refetch()} />
      </main>
    );
  if (group === undefined) return <main class="hint center">Reading…</main>;
  if (group === null)
    return (
      <main>
        <section class="nothing">
          <h1>No such group</h1>
          <p>Its pictures are gone, or no longer look alike enough.</p>
          <a class="button" href={hrefOf({ name: 'duplicates' })}>
            All duplicates
          </a>
        </section>
      </main>
    );
  return <Review key={group.id} groupId={groupId} group={group} position={position} goOn={goOn} />;
}

/** The group behind this one in the list of those that nobody decided of, and the place of this one in it. */
function useNext(
  groupId: string,
  likeness: PairLikeness,
): { next: Group | undefined; position: number | null } {
  const pages = useGroups('OPEN', likeness);
  const open = groupsIn(pages.data).filter(({ id }) => id === groupId || !waiting.value.has(id));
  const at = open.findIndex(({ id }) => id === groupId);
  useEffect(() => {
    if (at >= open.length - 3 && pages.hasNextPage && !pages.isFetching && !pages.isError)
      void pages.fetchNextPage();
  });
  const others = open.filter(({ id }) => id !== groupId);
  return { next: others[Math.max(at, 0)] ?? others[0], position: at < 0 ? null : at + 1 };
}

/** Reads a group and its first two pictures, so that they are there when the reader comes. */
function usePreload(id: string | undefined): void {
  useEffect(() => {
    if (id === undefined) return;
    prefetchGroup(id).then(
      (group) => {
        for (const { entry } of inOrder(group?.members ?? []).slice(0, 2))
          if (entry.view) new Image().src = addressHere(entry.view.url);
      },
      () => {}, // It is said when the group is shown.
    );
  }, [id]);
}
