import { useEffect } from 'preact/hooks';
import { Grid } from '../grid/grid.js';
import { SelectionBar } from '../grid/selection-bar.js';
import { SizeSlider } from '../grid/size-slider.js';
import { entryTiles } from '../grid/tile.js';
import { useTileKeys } from '../grid/tile-keys.js';
import { place } from '../router.js';
import { Failure } from '../shell/failure.js';
import { announce } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { chipsOf } from './filter.js';
import { Chips, Filters } from './filters.js';
import { useEntries } from './list.js';
import { NothingFound, NothingYet } from './nothing.js';

/** All pictures of imgcache, or those that the search and the filters leave. */
export function EntriesView() {
  const { search } = place.value;
  const { pages, total, entries } = useEntries(search);
  const onKey = useTileKeys();
  const words = total === null ? '' : count(total, 'picture');
  useEffect(() => announce(words), [words]);
  const isFiltered = chipsOf(search).length > 0;
  const nothing = isFiltered ? <NothingFound /> : <NothingYet />;
  return (
    <main>
      <h1 class="visually-hidden">Pictures</h1>
      <div class="toolbar">
        <Filters />
        <span class="total">{words}</span>
        <SizeSlider />
      </div>
      <Chips />
      {pages.isError && (
        <Failure what="The list cannot be read." error={pages.error} retry={() => void pages.refetch()} />
      )}
      {pages.isSuccess && entries.length === 0 && !pages.hasNextPage && nothing}
      {pages.isLoading && <p class="hint center">Reading…</p>}
      {entries.length > 0 && (
        <Grid
          // Another search is another list, which begins at its top.
          key={search.toString()}
          label="Pictures"
          items={entries}
          source={entryTiles}
          hasMore={pages.hasNextPage}
          onEnd={() => !pages.isFetching && !pages.isError && void pages.fetchNextPage()}
          onKey={onKey}
        />
      )}
      <SelectionBar />
    </main>
  );
}
