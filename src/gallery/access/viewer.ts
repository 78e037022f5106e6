import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { ServicesDocument, ViewerDocument } from '../generated.js';

const RANKS = { READ: 0, WRITE: 1, ADMIN: 2 } as const;

export type Scope = keyof typeof RANKS;

/** Who the reader is to the gateway; undefined until it is known. */
export function useViewer() {
  const { data } = useQuery({
    queryKey: ['viewer'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await ask(ViewerDocument)).viewer,
  });
  return data;
}

/** The services behind the graph, as they are now; undefined until that is known. */
export function useServices() {
  const { data } = useQuery({
    queryKey: ['services'],
    queryFn: async () => (await ask(ServicesDocument)).services,
  });
  return data;
}

export interface Need {
  scope: Scope;
  /** Whether a key for some collections only is not enough. */
  unlimited?: boolean;
  /** Whether only a VisualSnoop in the gateway can do it. */
  embedded?: boolean;
}

/** Why the reader may not do something; null when they may. */
export function useProblem({ scope, unlimited = false, embedded = false }: Need): string | null {
  const viewer = useViewer();
  const services = useServices();
  if (!viewer) return 'It is not known yet what you may do.';
  if (RANKS[viewer.scope] < RANKS[scope])
    return `Your key may only ${viewer.scope.toLowerCase()}: this needs one that may ${scope === 'ADMIN' ? 'administer' : 'write'}.`;
  if (unlimited && viewer.collectionIds) return 'Your key is for some collections only.';
  const isRemote = services?.some(({ name, mode }) => name === 'VISUALSNOOP' && mode === 'REMOTE');
  return embedded && isRemote ? 'A VisualSnoop at an address makes its collections itself.' : null;
}
