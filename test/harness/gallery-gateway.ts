import { loadConfig } from '#src/config.js';
import { golden, multipart, picture, startGateway, type TestGateway } from './gateway.js';

const KEY = 'write-key-of-the-front-ends';
const COLLECTION_KEYS = 'public-key:secret-key';
const STORE = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';

/** What a front end is told of its gateway. */
export interface Gallery {
  /** The address of the graph. */
  graph: string;
  /** The key, and what uploads need besides. */
  headers: Record<string, string>;
  /** The content hashes of the entries, the one with the fewest bytes first. */
  smallestFirst: string[];
  close(): Promise<void>;
}

/**
 * A gateway as a web page meets it: it wants a key, knows the origins of its pages, and its VisualSnoop, a remote one,
 * is dead.
 * @param names the photographs that it holds
 * @param otherKeys that it knows besides, as `LOOKALIKE_API_KEYS` has them
 */
export async function startGallery(
  names: readonly string[],
  origins = '',
  otherKeys: readonly string[] = [],
): Promise<Gallery> {
  const { apiKeys, corsOrigins, visualsnoopUrl, visualsnoopKeys } = loadConfig({
    LOOKALIKE_API_KEYS: [`write:${KEY}`, ...otherKeys].join(),
    VISUALSNOOP_URL: 'http://127.0.0.1:1/api/v1',
    VISUALSNOOP_KEYS: COLLECTION_KEYS,
    ...(origins && { LOOKALIKE_CORS_ORIGINS: origins }),
  });
  const gateway = await startGateway({ apiKeys, corsOrigins, visualsnoopUrl, visualsnoopKeys });
  const gallery = {
    graph: `${gateway.url}/graphql`,
    headers: { authorization: `Bearer ${KEY}`, 'apollo-require-preflight': 'true' },
    smallestFirst: names
      .map((name) => golden(name))
      .toSorted((a, b) => a.bytes - b.bytes)
      .map(({ blake2b256 }) => blake2b256),
    close: () => gateway.close(),
  };
  for (const name of names) await store(gallery, name, gateway);
  return gallery;
}

async function store({ graph, headers }: Gallery, name: string, gateway: TestGateway): Promise<void> {
  const input = { url: `https://pictures.example/${name}`, clientName: 'gallery', image: { upload: null } };
  const body = multipart(STORE, { input }, { 'input.image.upload': picture(name) });
  const response = await fetch(graph, { method: 'POST', body, headers });
  if (!response.ok) throw new AggregateError(gateway.reported, await response.text());
}
