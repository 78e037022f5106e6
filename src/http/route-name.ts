const ROUTES = [
  'graphql',
  'graphiql',
  'gallery',
  'files',
  'thumbnails',
  'collections',
  'imgcache',
  'visualsnoop',
  'health',
  'ready',
  'metrics',
] as const;

/** The parts of the gateway that respond to requests, by the first segment of the path. */
export type RouteName = (typeof ROUTES)[number] | 'other';

const names: ReadonlyMap<string, RouteName> = new Map(ROUTES.map((name) => [name, name]));

/**
 * The part that a request goes to, for metrics and traces.
 * @param url of a request, as sent
 */
export function routeName(url = '/'): RouteName {
  const end = url.slice(1).search(/[/?]/);
  return names.get(end === -1 ? url.slice(1) : url.slice(1, end + 1)) ?? 'other';
}
