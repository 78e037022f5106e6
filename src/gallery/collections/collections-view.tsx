import { useProblem } from '../access/viewer.js';
import { ask } from '../data/graph.js';
import { usePages } from '../data/use-query.js';
import { CollectionsDocument, type CollectionsQuery } from '../generated.js';
import { hrefOf } from '../router.js';
import { addressHere } from '../settings.js';
import { Action } from '../shell/action.js';
import { Failure } from '../shell/failure.js';
import { count } from '../shell/units.js';
import { createCollection } from './dialogs.js';
import { titleOf } from './names.js';

type Page = NonNullable<CollectionsQuery['collections']>;

/** All collections that the reader may see. */
export function CollectionsView() {
  const cannotMake = useProblem({ scope: 'ADMIN', unlimited: true, embedded: true });
  const pages = usePages<Page>({
    queryKey: ['collections', 'overview'],
    initialPageParam: null,
    queryFn: async ({ pageParam, signal }) => {
      const after = pageParam as string | null;
      const { collections } = await ask(CollectionsDocument, { after }, { signal, onPartial: () => {} });
      if (!collections) throw new Error('VisualSnoop gave no list.');
      return collections;
    },
    getNextPageParam: ({ pageInfo: { hasNextPage, endCursor } }) => (hasNextPage ? endCursor : null),
  });
  const collections = pages.data?.pages.flatMap(({ nodes }) => nodes) ?? [];
  return (
    <main>
      <div class="toolbar">
        <h1>Collections</h1>
        <Action icon="plus" kind="primary" problem={cannotMake} onPress={createCollection}>
          New collection
        </Action>
      </div>
      {pages.isError && (
        <Failure
          what="The collections cannot be read."
          error={pages.error}
          retry={() => void pages.refetch()}
        />
      )}
      {pages.isLoading && <p class="hint center">Reading…</p>}
      {pages.isSuccess && collections.length === 0 && (
        <section class="nothing">
          <h2>No collections yet</h2>
          <p>
            A collection is searched by the look of its pictures: crops, other sizes and screenshots are found
            too. Make one, then add pictures from the list, or drop them on its page.
          </p>
        </section>
      )}
      <ul class="collections">
        {collections.map((collection) => (
          <CollectionCard key={collection.collectionId} collection={collection} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <button type="button" class="button" onClick={() => void pages.fetchNextPage()}>
          More collections
        </button>
      )}
    </main>
  );
}

function CollectionCard({ collection }: { collection: Page['nodes'][number] }) {
  const { collectionId, user, images } = collection;
  const total = images?.totalCount ?? null;
  const mosaic = (images?.nodes ?? []).flatMap(({ imageId, small }) => (small ? [{ imageId, small }] : []));
  return (
    <li class="collection-card">
      <a href={hrefOf({ name: 'collection', collectionId })}>
        <span class="mosaic">
          {mosaic.map(({ imageId, small }) => (
            <img key={imageId} src={addressHere(small.url)} alt="" loading="lazy" />
          ))}
        </span>
        <strong>{titleOf(collection)}</strong>
        <span class="hint">
          {[...(total === null ? [] : [count(total, 'picture')]), ...(user ? [user] : [])].join(' · ')}
        </span>
      </a>
    </li>
  );
}
