import pg from 'pg';
import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { FaultyServer } from '../fakes/faulty-server.js';
import { MemoryS3 } from '../fakes/memory-s3.js';
import { TcpRelay } from '../fakes/tcp-relay.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { LogLines } from '../harness/log-lines.js';
import { createDatabase, type DatabaseServer } from '../harness/postgres.js';

/** As many bytes as a photograph has, and few pixels: it is decoded at every store. */
const PICTURE = 'odd/rgb.png';
export const PICTURE_BYTES = picture(PICTURE);
export const CONTENT_HASH = golden(PICTURE).blake2b256;
export const ORIGIN = { url: 'https://x.example/fig.jpg', clientName: 'test' };
const BUCKET_PATH = '/pictures/pre/';

/** A gateway whose database lies behind a network, and whose object store is a fake, which both fail as they are told. */
export interface SharedGateway extends TestGateway {
  database: TcpRelay;
  objects: FaultyServer;
  s3: MemoryS3;
  log: LogLines;
  /** It has the picture under its content hash. */
  collectionId: string;
  /** The role that the gateway has in the database. */
  role: string;
  /** Runs statements past the network, as the administrator. */
  query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]>;
  /** Ends all connections of the gateway to its database. */
  disconnect(): Promise<void>;
  /** Calls the old VisualSnoop protocol, signed. */
  signed(method: string, path: string, body?: BodyInit): Promise<Response>;
  /** What is half: rows without objects, objects that nothing knows of, counts that are wrong. */
  halves(): Promise<string[]>;
}

/** Both services have the picture. The environment has keys for the object store. */
export async function startSharedGateway(server: DatabaseServer, parameters = ''): Promise<SharedGateway> {
  const adminUrl = await createDatabase(server);
  const query = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> => {
    const client = new pg.Client(adminUrl);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const name = new URL(adminUrl).pathname.slice(1);
  const role = `${name}_gateway`;
  await query(
    `create role ${role} login; alter database ${name} owner to ${role}; grant all on schema public to ${role}`,
  );
  const database = await TcpRelay.to(server.port);
  const s3 = new MemoryS3();
  const objects = await FaultyServer.start(s3.behaviour);
  const log = new LogLines('info');
  const gateway = await startGateway(
    {
      databaseUrl: `postgres://${role}@127.0.0.1:${database.port}/${name}${parameters}`,
      blobsUrl: `s3://pictures/pre?endpoint=${objects.url}`,
    },
    { log: log.log, onNotice: (notice) => log.log.info(notice) },
  );
  const { data } = await gateway.graphql(
    'mutation { createCollection(input: { name: "test" }) { ... on CreateCollectionSuccess { publicKey secretKey collection { collectionId } } } }',
  );
  const { collection, ...keys } = data.createCollection as KeyPair & { collection: { collectionId: string } };
  const { collectionId } = collection;
  const input = { collectionId, image: { base64: PICTURE_BYTES.toString('base64') }, ...ORIGIN };
  const ingest =
    'mutation ($input: IngestImageInput!) { ingestImage(input: $input) { ... on IngestImageSuccess { entry { contentHash } } } }';
  const stored = await gateway.graphql(ingest, { input });
  if (stored.data?.ingestImage.entry.contentHash !== CONTENT_HASH) throw new Error('It was not stored.');
  return {
    ...gateway,
    database,
    objects,
    s3,
    log,
    collectionId,
    role,
    query,
    async disconnect() {
      await query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
    },
    signed(method, path, body) {
      const date = new Date().toUTCString();
      const whole = `/visualsnoop/api/v1${path}`;
      const authorization = formatAuthorization({ method, path: whole.replace(/\?.*/s, ''), date }, keys);
      return fetch(gateway.url + whole, { method, headers: { date, authorization }, ...(body && { body }) });
    },
    halves: () => findHalves(query, s3),
    async close() {
      await gateway.close();
      await database[Symbol.asyncDispose]();
      await objects.leave();
    },
  };
}

async function findHalves(query: SharedGateway['query'], s3: MemoryS3): Promise<string[]> {
  const needed = await query<{ place: string }>('select place from blobs');
  const garbage = await query<{ place: string }>('select place from blob_garbage');
  const known = new Set([...needed, ...garbage].map(({ place }) => BUCKET_PATH + place));
  const wrong = await query<{ place: string }>(
    `select place from blobs where refs <>
       (select count(*) from entries where entries.content_hash = blobs.content_hash) +
       (select count(*) from images where images.content_hash = blobs.content_hash)`,
  );
  return [
    ...needed.flatMap(({ place }) => (s3.objects.has(BUCKET_PATH + place) ? [] : [`no object ${place}`])),
    ...[...s3.objects.keys()].flatMap((path) => (known.has(path) ? [] : [`nothing knows ${path}`])),
    ...wrong.map(({ place }) => `wrong count of ${place}`),
  ];
}
