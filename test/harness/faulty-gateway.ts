import { blake3 } from 'hash-wasm';
import { createImgCacheWire } from '#src/protocols/imgcache/handler.js';
import { createVisualSnoopWire } from '#src/protocols/visualsnoop/handler.js';
import type { ServiceName } from '#src/services/errors.js';
import type { CreatedCollection } from '#src/services/visualsnoop.js';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { CacheServer } from '../fakes/cache-server.js';
import { CountingServer } from '../fakes/counting-server.js';
import { type Behaviour, FaultyServer, forwardTo, SECRET } from '../fakes/faulty-server.js';
import { alone } from './alone.js';
import { openTestEngine, type TestEngine } from './engine.js';
import { golden, picture, startGateway, type TestGateway } from './gateway.js';

/** As many bytes as a photograph has, and few pixels: it is decoded at every store. */
const PICTURE = 'odd/rgb.png';
const MOUNT = `/${SECRET}-path`;

/** The picture that both services have. */
export const CONTENT_HASH = golden(PICTURE).blake2b256;
export const PICTURE_BYTES = picture(PICTURE);
/** An image of it, as an input. */
export const IMAGE = { base64: PICTURE_BYTES.toString('base64') };

/** Which service is far away: IMGCACHE_TODAY is the imgcache with `/cache`. */
export type Remote = ServiceName | 'IMGCACHE_TODAY';

/** The services as they should be, each behind its protocol. */
export interface HonestServices extends AsyncDisposable {
  imgcache: CountingServer;
  imgcacheToday: CacheServer;
  visualsnoop: CountingServer;
  collection: CreatedCollection;
}

export async function startHonestServices(): Promise<HonestServices> {
  const engine: TestEngine = await openTestEngine();
  const collection = await engine.visualsnoop.createCollection({ name: 'test' });
  await using image = await engine.stage(PICTURE_BYTES);
  const options = { imageId: CONTENT_HASH };
  await engine.visualsnoop.addImage(collection.collection.collectionId, image, options);
  await using stored = await engine.stage(PICTURE_BYTES);
  await engine.imgcache.store(stored, { url: 'https://x.example/fig.jpg', clientName: 'test' });
  const facts = await image.facts();
  const imgcacheToday = await CacheServer.start({ mount: MOUNT, factsOf: () => facts });
  const parts = { staging: engine.staging, maxUploadBytes: 1_000_000, onError: () => {} };
  const imgcache = await CountingServer.start(MOUNT, alone(createImgCacheWire({ ...engine, ...parts })));
  const visualsnoop = await CountingServer.start(
    MOUNT,
    alone(
      createVisualSnoopWire({
        visualsnoop: engine.visualsnoop,
        keys: engine.collectionKeys,
        ...parts,
      }),
    ),
  );
  return {
    imgcache,
    imgcacheToday,
    visualsnoop,
    collection,
    async [Symbol.asyncDispose]() {
      await imgcache[Symbol.asyncDispose]();
      await imgcacheToday[Symbol.asyncDispose]();
      await visualsnoop[Symbol.asyncDispose]();
      await engine.close();
    },
  };
}

/** A gateway with one service far away, which fails as it is told, and the other one embedded. */
export interface FaultyGateway extends TestGateway {
  remote: ServiceName;
  /** Of the picture, as imgcache names it. */
  contentHash: string;
  service: FaultyServer;
  /** As the service should be. */
  honest: Behaviour;
  /** It has the picture under its content hash. */
  collectionId: string;
  /** Calls the old VisualSnoop protocol, signed. */
  signed(method: string, path: string, body?: BodyInit): Promise<Response>;
}

/** The address of the service holds what nobody must see. Both services have the picture, and are known to the gateway. */
export async function startFaultyGateway(
  remote: Remote,
  services: HonestServices,
  serviceTimeoutMs?: number,
): Promise<FaultyGateway> {
  const honest = forwardTo(new URL(addressOf(remote, services)).origin);
  const service = await FaultyServer.start(honest);
  const address = `http://${SECRET}-user:${SECRET}-pass@127.0.0.1:${service.port}${MOUNT}`;
  const { publicKey, secretKey, collection } = services.collection;
  const gateway = await startGateway({
    ...(serviceTimeoutMs && { serviceTimeoutMs }),
    ...(remote !== 'VISUALSNOOP'
      ? { imgcacheUrl: address }
      : { visualsnoopUrl: address, visualsnoopKeys: [{ publicKey, secretKey }] }),
  });
  const own = await gateway.graphql(
    'mutation { createCollection(input: { name: "test" }) { ... on CreateCollectionSuccess { publicKey secretKey collection { collectionId } } } }',
  );
  const keys = own.data.createCollection.publicKey ? own.data.createCollection : { publicKey, secretKey };
  const collectionId = keys.collection?.collectionId ?? collection.collectionId;
  await store(gateway, collectionId);
  service.requests.length = 0;
  return {
    ...gateway,
    remote: remote === 'VISUALSNOOP' ? remote : 'IMGCACHE',
    contentHash: remote === 'IMGCACHE_TODAY' ? await blake3(PICTURE_BYTES) : CONTENT_HASH,
    service,
    honest,
    collectionId,
    signed(method, path, body) {
      const date = new Date().toUTCString();
      const whole = `/visualsnoop/api/v1${path}`;
      const authorization = formatAuthorization({ method, path: whole.replace(/\?.*/s, ''), date }, keys);
      return fetch(gateway.url + whole, { method, headers: { date, authorization }, ...(body && { body }) });
    },
    async close() {
      await gateway.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

function addressOf(remote: Remote, { imgcache, imgcacheToday, visualsnoop }: HonestServices): string {
  return { IMGCACHE: imgcache, IMGCACHE_TODAY: imgcacheToday, VISUALSNOOP: visualsnoop }[remote].url;
}

/** Again, where a busy machine needed longer than the service is given. */
async function store({ graphql }: TestGateway, collectionId: string): Promise<void> {
  const input = { collectionId, image: IMAGE, url: 'https://x.example/fig.jpg', clientName: 'test' };
  for (let tries = 0; tries < 10; tries++) {
    const { data } = await graphql(
      'mutation ($input: IngestImageInput!) { ingestImage(input: $input) { __typename } }',
      { input },
    );
    if (data.ingestImage.__typename === 'IngestImageSuccess') return;
  }
  throw new Error('The picture was not stored.');
}
