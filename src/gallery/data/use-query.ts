import {
  type DefaultError,
  type InfiniteData,
  InfiniteQueryObserver,
  type InfiniteQueryObserverOptions,
  type InfiniteQueryObserverResult,
  notifyManager,
  type QueryKey,
  QueryObserver,
  type QueryObserverOptions,
  type QueryObserverResult,
} from '@tanstack/query-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';
import { queryClient } from './query-client.js';

/** Asks, and renders again at each new state of the answer. */
export function useQuery<Data>(
  options: QueryObserverOptions<Data, DefaultError, Data, Data, QueryKey>,
): QueryObserverResult<Data> {
  return useObserver<typeof options, QueryObserverResult<Data>>(
    () => new QueryObserver(queryClient, options),
    options,
  );
}

/** Asks for a list page by page. */
export function usePages<Page>(
  options: InfiniteQueryObserverOptions<Page, DefaultError, InfiniteData<Page>, QueryKey, string | null>,
): InfiniteQueryObserverResult<InfiniteData<Page>> {
  return useObserver<typeof options, InfiniteQueryObserverResult<InfiniteData<Page>>>(
    () => new InfiniteQueryObserver(queryClient, options),
    options,
  );
}

/** What both kinds of observers do. */
interface Observer<Options, Result> {
  setOptions(options: Options): void;
  getOptimisticResult(options: never): Result;
  subscribe(listener: () => void): () => void;
}

function useObserver<Options, Result>(create: () => Observer<Options, Result>, options: Options): Result {
  const [observer] = useState(create);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const defaulted = queryClient.defaultQueryOptions({
    ...(options as QueryObserverOptions),
    _optimisticResults: 'optimistic',
  });
  // Each render may have other options; the observer asks anew when their key is another.
  useLayoutEffect(() => observer.setOptions(defaulted as Options));
  useLayoutEffect(() => observer.subscribe(notifyManager.batchCalls(() => render(undefined))), [observer]);
  return observer.getOptimisticResult(defaulted as never);
}
