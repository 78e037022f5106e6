import { blake3 } from 'hash-wasm';
import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { type RawRequest, rawRequest } from '../../fakes/raw-request.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { json, multipart } from '../ways.js';

/** What the gateway holds when the requests come, so that valid ones find something. */
export interface World {
  /** A query for an entry that no other request names, so that nothing deletes it. */
  plain: { request: RawRequest; answer: string };
  contentHash: string;
  /** Of the same bytes. */
  blake3: string;
  perceptualHash: string;
  url: string;
  imageId: string;
  collectionId: string;
  keys: KeyPair;
  picture: Buffer;
  /** Global ids: of an entry, an image and a collection. */
  ids: readonly string[];
  /** Of pages of entries, of images and of collections. */
  cursors: readonly string[];
}

/** What the gateway is started with. */
export const MAX_UPLOAD_BYTES = 1_000_000;

const PERCEPTUAL_HASH = '0f1e2d3c4b5a6978';
const URL = 'https://pictures.example/a%20b.png?c=d';

export async function createWorld(gateway: string): Promise<World> {
  const picture = tinyPicture(PERCEPTUAL_HASH);
  const ask = async (query: string, variables: object = {}) => {
    const { body } = await rawRequest(gateway, json({ query, variables }));
    return JSON.parse(body.toString()).data;
  };
  const { createCollection } = await ask(
    'mutation { createCollection(input: { name: "hostile" }) { ... on CreateCollectionSuccess { publicKey secretKey collection { id collectionId } } } }',
  );
  const { publicKey, secretKey, collection } = createCollection;
  const { collectionId } = collection;
  const ingest = async (url: string, bytes: Buffer) => {
    const { body } = await rawRequest(
      gateway,
      multipart('/graphql', [
        {
          name: 'operations',
          value: JSON.stringify({
            query:
              'mutation ($input: IngestImageInput!) { ingestImage(input: $input) { ... on IngestImageSuccess { entry { id contentHash } image { id imageId } } } }',
            variables: { input: { url, clientName: 'hostile', collectionId, image: { upload: null } } },
          }),
        },
        { name: 'map', value: '{"0":["variables.input.image.upload"]}' },
        { name: '0', value: bytes, filename: 'a.png' },
      ]),
    );
    return JSON.parse(body.toString()).data.ingestImage;
  };
  const kept = await ingest('https://pictures.example/kept', tinyPicture('ffffffff00000000'));
  const plain = json({ query: `{ entry(contentHash: "${kept.entry.contentHash}") { url } }` });
  const { entry, image } = await ingest(URL, picture);
  const pages = await ask(
    '{ entries(first: 1) { pageInfo { endCursor } } collections(first: 1) { pageInfo { endCursor } nodes { images(first: 1) { pageInfo { endCursor } } } } }',
  );
  return {
    plain: { request: plain, answer: (await rawRequest(gateway, plain)).body.toString() },
    contentHash: entry.contentHash,
    blake3: await blake3(picture),
    perceptualHash: PERCEPTUAL_HASH,
    url: URL,
    imageId: image.imageId,
    collectionId,
    keys: { publicKey, secretKey },
    picture,
    ids: [entry.id, image.id, collection.id],
    cursors: [
      pages.entries.pageInfo.endCursor,
      pages.collections.pageInfo.endCursor,
      pages.collections.nodes.at(-1).images.pageInfo.endCursor ?? pages.entries.pageInfo.endCursor,
    ],
  };
}

/** The headers that sign a request as VisualSnoop's client does. */
export function signedHeaders(method: string, target: string, keys: KeyPair): Record<string, string> {
  const date = new Date().toUTCString();
  return {
    date,
    authorization: formatAuthorization({ method, path: target.replace(/\?.*/s, ''), date }, keys),
  };
}
