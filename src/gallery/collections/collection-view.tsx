import type { InfiniteData } from '@tanstack/query-core';
import { useMemo } from 'preact/hooks';
import { useProblem } from '../access/viewer.js';
import { ask } from '../data/graph.js';
import { hidden } from '../data/soon.js';
import { usePages, useQuery } from '../data/use-query.js';
import {
  CollectionDocument,
  CollectionImagesDocument,
  type CollectionImagesQuery,
  type CollectionQuery,
  type ImageTileFragment,
} from '../generated.js';
import { Grid } from '../grid/grid.js';
import { SelectionBar } from '../grid/selection-bar.js';
import { SizeSlider } from '../grid/size-slider.js';
import { imageTiles } from '../grid/tile.js';
import { useTileKeys } from '../grid/tile-keys.js';
import { navigate, place, withSearch } from '../router.js';
import { Action } from '../shell/action.js';
import { Failure } from '../shell/failure.js';
import { Menu } from '../shell/menu.js';
import { count } from '../shell/units.js';
import { chooseImages } from './add-files.js';
import { deleteCollection, renameCollection, rotateKeys } from './dialogs.js';
import { titleOf } from './names.js';

type Collection = NonNullable<CollectionQuery['collection']>;
type Page = NonNullable<NonNullable<CollectionImagesQuery['collection']>['images']>;

const PAGE_SIZE = 60;

/** A collection and its images. */
export function CollectionView({ collectionId }: { collectionId: string }) {
  const {
    data: collection,
    error,
    refetch,
  } = useQuery({
    queryKey: ['collections', 'one', collectionId],
    queryFn: async ({ signal }) => {
      const options = { signal, onPartial: () => {} };
      return (await ask(CollectionDocument, { collectionId }, options)).collection;
    },
  });
  if (error)
    return (
      <main>
        <Failure what="The collection cannot be read." error={error} retry={() => void refetch()} />
      </main>
    );
  if (collection === undefined) return <main class="hint center">Reading…</main>;
  if (collection === null)
    return (
      <main>
        <section class="nothing">
          <h1>No such collection</h1>
          <p>There is no collection with the id {collectionId}, or your key does not show it.</p>
        </section>
      </main>
    );
  return (
    <main>
      <Head collection={collection} />
      <Images collection={collection} />
      <SelectionBar />
    </main>
  );
}

function Head({ collection }: { collection: Collection }) {
  const { collectionId, user, images } = collection;
  const cannotWrite = useProblem({ scope: 'WRITE' });
  const cannotAdmin = useProblem({ scope: 'ADMIN', embedded: true });
  const total = images?.totalCount ?? null;
  return (
    <div class="toolbar">
      <div class="title">
        <h1>{titleOf(collection)}</h1>
        <p class="hint">
          {[...(total === null ? [] : [count(total, 'picture')]), ...(user ? [user] : []), collectionId].join(
            ' · ',
          )}
        </p>
      </div>
      <Order />
      <SizeSlider />
      <Action icon="plus" kind="primary" problem={cannotWrite} onPress={() => chooseImages(collection)}>
        Add pictures…
      </Action>
      <Menu label="Manage">
        <Action icon="edit" problem={cannotAdmin} onPress={() => renameCollection(collection)}>
          Rename…
        </Action>
        <Action icon="keys" problem={cannotAdmin} onPress={() => rotateKeys(collection)}>
          Rotate its keys…
        </Action>
        <Action icon="trash" kind="danger" problem={cannotAdmin} onPress={() => deleteCollection(collection)}>
          Delete…
        </Action>
      </Menu>
    </div>
  );
}

function Order() {
  const isOldest = place.value.search.get('order') === 'oldest';
  return (
    <label class="order">
      <span class="visually-hidden">Order</span>
      <select
        value={isOldest ? 'oldest' : ''}
        onChange={({ currentTarget }) => navigate(withSearch({ order: currentTarget.value || null }))}
      >
        <option value="">Newest first</option>
        <option value="oldest">Oldest first</option>
      </select>
    </label>
  );
}

function Images({ collection: { collectionId } }: { collection: Collection }) {
  const onKey = useTileKeys();
  const orderBy = place.value.search.get('order') === 'oldest' ? 'OLDEST_FIRST' : 'NEWEST_FIRST';
  const pages = usePages<Page>({
    queryKey: ['collections', 'pages', collectionId, orderBy],
    initialPageParam: null,
    queryFn: async ({ pageParam, signal }) => {
      const variables = {
        collectionId,
        orderBy,
        first: PAGE_SIZE,
        after: pageParam as string | null,
      } as const;
      const { collection } = await ask(CollectionImagesDocument, variables, { signal });
      if (!collection?.images) throw new Error('VisualSnoop gave no list.');
      return collection.images;
    },
    getNextPageParam: ({ pageInfo: { hasNextPage, endCursor } }) => (hasNextPage ? endCursor : null),
  });
  const images = useTogether(pages.data, hidden.value);
  if (pages.isError)
    return (
      <Failure what="The images cannot be read." error={pages.error} retry={() => void pages.refetch()} />
    );
  if (pages.isLoading) return <p class="hint center">Reading…</p>;
  if (images.length === 0)
    return (
      <section class="nothing">
        <h2>Nothing in it yet</h2>
        <p>Drop pictures on this page, choose them, or mark some in the list of all pictures and press c.</p>
      </section>
    );
  return (
    <Grid
      key={orderBy}
      label="Images"
      items={images}
      source={imageTiles}
      hasMore={pages.hasNextPage}
      onEnd={() => !pages.isFetching && void pages.fetchNextPage()}
      onKey={onKey}
    />
  );
}

function useTogether(
  data: InfiniteData<Page> | undefined,
  gone: ReadonlySet<string>,
): readonly ImageTileFragment[] {
  return useMemo(() => {
    const all = data?.pages.flatMap(({ nodes }) => nodes) ?? [];
    return gone.size === 0 ? all : all.filter((image) => !gone.has(imageTiles.id(image)));
  }, [data, gone]);
}
