import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anonymous } from '#src/access/identity.js';
import { createGraphQLHandler } from '#src/graphql/handler.js';
import { createAddressOf } from '#src/http/picture-paths.js';
import { RequestScope } from '#src/request/request-scope.js';
import type { Entry } from '#src/services/entry.js';
import type { ImgCache } from '#src/services/imgcache.js';
import type { Pictures } from '#src/services/pictures.js';
import type { AddImageOptions, VisualSnoop } from '#src/services/visualsnoop.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../fakes/memory-staging.js';
import { MemoryVisualSnoop } from '../fakes/memory-visualsnoop.js';
import { type ServiceSpy, spyOn } from '../fakes/service-spy.js';
import { tinyPictureFacts } from '../fakes/tiny-picture.js';
import { type GraphQLAnswer, multipart, post } from './gateway.js';

export interface TestGraph {
  imgcache: ServiceSpy<ImgCache>;
  visualsnoop: ServiceSpy<VisualSnoop>;
  staging: MemoryStaging;
  /** What clients were not told. */
  reported: unknown[];
  graphql(query: string, variables?: object): Promise<GraphQLAnswer>;
  upload(
    query: string,
    variables: object,
    files: Record<string, Buffer<ArrayBuffer>>,
  ): Promise<GraphQLAnswer>;
  /** Past the spies. */
  store(bytes: Buffer, url?: string): Promise<Entry>;
  add(collectionId: string, bytes: Buffer, options?: AddImageOptions): Promise<void>;
  createCollection(): Promise<string>;
  close(): Promise<void>;
}

export interface TestGraphOptions {
  imgcache?: ImgCache;
  visualsnoop?: VisualSnoop;
}

/** Nothing is known of any bytes: the graph alone has no threads to read them in. */
const NO_PICTURES: Pictures = {
  find: async () => null,
  open: async () => null,
  thumbnail: async () => null,
};

const factsOf = (_contentHash: string, bytes: Buffer) => tinyPictureFacts(bytes);

/** The graph alone on a free port, over services in memory unless others are given. Its pictures are tiny ones. */
export async function startGraph({
  imgcache = new MemoryImgCache(),
  visualsnoop = new MemoryVisualSnoop(),
}: TestGraphOptions = {}): Promise<TestGraph> {
  const spies = { imgcache: spyOn(imgcache), visualsnoop: spyOn(visualsnoop) };
  const staging = new MemoryStaging(factsOf);
  const reported: unknown[] = [];
  const handler = createGraphQLHandler({
    imgcache: spies.imgcache.service,
    visualsnoop: spies.visualsnoop.service,
    duplicates: null,
    services: [],
    staging,
    maxUploadBytes: 100_000,
    pictures: NO_PICTURES,
    addressOf: createAddressOf(
      () => 'http://gateway.example',
      () => null,
    ),
    maxCost: Number.MAX_SAFE_INTEGER,
    introspection: true,
    onError: (error) => reported.push(error),
  });
  const server = createServer(
    (req, res) => void handler(req, res, new RequestScope(req, res, { id: 'alone' }), anonymous),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...spies,
    staging,
    reported,
    graphql: (query, variables) =>
      post(url, JSON.stringify({ query, variables }), { 'content-type': 'application/json' }),
    upload: (query, variables, files) => post(url, multipart(query, variables, files), {}),
    store: async (bytes, pageUrl = 'https://x.example/') => {
      const image = await stageBytes(bytes, factsOf);
      return (await imgcache.store(image, { url: pageUrl, clientName: 'test' })).entry;
    },
    add: async (collectionId, bytes, options) => {
      await visualsnoop.addImage(collectionId, await stageBytes(bytes, factsOf), options);
    },
    createCollection: async () =>
      (await visualsnoop.createCollection({ name: 'test' })).collection.collectionId,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
