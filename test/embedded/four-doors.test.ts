import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import { createVisualSnoopClient, type VisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { NotAPictureError } from '#src/services/visualsnoop.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { corpusPicture } from './corpus.js';
import { mutationsOf } from './picture/mutations.js';

/** What a door says of bytes: the picture, that they are kept though they are not decoded, or that they are refused. */
type Verdict =
  | { contentType: string; width: number; height: number; perceptualHash: string }
  | 'KEPT'
  | 'REFUSED';

const origin = { url: 'https://x.example/a', clientName: 'test' };
const ENTRY = 'contentHash contentType width height perceptualHash';
const STORE = `mutation ($input: StoreEntryInput!) { answer: storeEntry(input: $input) {
  __typename ... on StoreEntrySuccess { entry { ${ENTRY} } } } }`;
const ADD = 'mutation ($input: AddImageInput!) { answer: addImage(input: $input) { __typename } }';
const INGEST = `mutation ($input: IngestImageInput!) { answer: ingestImage(input: $input) {
  __typename ... on IngestImageSuccess { entry { ${ENTRY} } }
  ... on IngestImagePartial { entry { ${ENTRY} } imageError { __typename } } } }`;

let gateway: TestGateway;
let imgcache: ImgCacheClient;
let visualsnoop: VisualSnoopClient;
let collectionId: string;

beforeAll(async () => {
  gateway = await startGateway({ maxPixels: 1_000_000 });
  const { data } = await gateway.graphql(
    'mutation { createCollection(input: { name: "doors" }) { ... on CreateCollectionSuccess { publicKey secretKey collection { collectionId } } } }',
  );
  const { collection, ...keys } = data.createCollection;
  collectionId = collection.collectionId;
  const timeoutMs = 30_000;
  imgcache = createImgCacheClient({ baseUrl: `${gateway.url}/imgcache`, timeoutMs });
  visualsnoop = createVisualSnoopClient({
    baseUrl: `${gateway.url}/visualsnoop/api/v1`,
    keys: [keys],
    timeoutMs,
  });
});

afterAll(async () => {
  await imgcache.close();
  await visualsnoop.close();
  await gateway.close();
});

// biome-ignore lint/suspicious/noExplicitAny: each door asked for its own fields.
async function upload(mutation: string, input: object, bytes: Buffer<ArrayBuffer>): Promise<any> {
  const variables = { input: { ...input, image: { upload: null } } };
  const { data, errors } = await gateway.upload(mutation, variables, { 'input.image.upload': bytes });
  expect(errors).toBeUndefined();
  return data.answer;
}

/** What imgcache says in an entry, which then goes, so that the next door judges anew. */
async function entryVerdict(entry: { contentHash: string } & Exclude<Verdict, string>): Promise<Verdict> {
  const { contentHash, contentType, width, height, perceptualHash } = entry;
  expect(await imgcache.delete(contentHash)).toBe(true);
  if (perceptualHash !== null) return { contentType, width, height, perceptualHash };
  expect({ width, height }).toEqual({ width: null, height: null });
  return 'KEPT';
}

const DOORS = {
  async storeEntry(bytes: Buffer<ArrayBuffer>): Promise<Verdict> {
    const answer = await upload(STORE, origin, bytes);
    if (answer.__typename === 'StoreEntrySuccess') return entryVerdict(answer.entry);
    expect(answer.__typename).toBe('InvalidImageError');
    return 'REFUSED';
  },

  async addImage(bytes: Buffer<ArrayBuffer>): Promise<boolean> {
    const { __typename } = await upload(ADD, { collectionId }, bytes);
    expect(['AddImageSuccess', 'InvalidImageError']).toContain(__typename);
    return __typename === 'AddImageSuccess';
  },

  async ingestImage(bytes: Buffer<ArrayBuffer>): Promise<Verdict> {
    const answer = await upload(INGEST, { collectionId, ...origin }, bytes);
    if (answer.__typename === 'InvalidImageError') return 'REFUSED';
    const verdict = await entryVerdict(answer.entry);
    expect(answer.__typename).toBe(verdict === 'KEPT' ? 'IngestImagePartial' : 'IngestImageSuccess');
    if (verdict === 'KEPT') expect(answer.imageError.__typename).toBe('InvalidImageError');
    return verdict;
  },

  /** The old protocol keeps all bytes. */
  async imgcache(bytes: Buffer<ArrayBuffer>): Promise<Verdict> {
    const { entry } = await imgcache.store(await stageBytes(bytes), origin);
    return entryVerdict(entry as Parameters<typeof entryVerdict>[0]);
  },

  async visualsnoop(bytes: Buffer<ArrayBuffer>): Promise<boolean> {
    const image = await stageBytes(bytes);
    const added = await visualsnoop.addImage(collectionId, image).catch((error) => error);
    if (added instanceof Error) expect(added).toBeInstanceOf(NotAPictureError);
    return !(added instanceof Error);
  },
};

const damaged = (name: string) => readFileSync(new URL(`../fixtures/damaged/${name}`, import.meta.url));

const PICTURES: Record<string, Buffer> = {
  ...Object.fromEntries(
    [
      'baseline.jpg',
      'restarts.jpg',
      'progressive.jpg',
      'jpeg-bogus-marker-in-scan.jpg',
      'palette.png',
      'png-plte-crc.png',
      'interlaced.gif',
      'gif-lzw-bitflip.gif',
      'gif-stray-zero-bytes.gif',
      'lossy.webp',
      'lossless.webp',
      'lzw.tiff',
      'palette.bmp',
      'png.ico',
      'bitmap.ico',
      'avif-sequence.avif',
    ].map((name) => [name, damaged(name)]),
  ),
  ...Object.fromEntries(
    ['photo.avif', 'photo.heic', 'plain.svg'].map((name) => [name, corpusPicture(`odd/${name}`)]),
  ),
};

it('all doors agree whether a file is a picture, and what of it', async () => {
  const counts = { pictures: 0, kept: 0, refused: 0 };
  for (const [name, whole] of Object.entries(PICTURES)) {
    for (const { kind, bytes } of mutationsOf(whole, 11, 1)) {
      if (bytes.length === 0) continue;
      const stored = await DOORS.storeEntry(bytes);
      const isPicture = typeof stored === 'object';
      counts[isPicture ? 'pictures' : stored === 'KEPT' ? 'kept' : 'refused']++;
      expect(
        {
          addImage: await DOORS.addImage(bytes),
          ingestImage: await DOORS.ingestImage(bytes),
          imgcache: await DOORS.imgcache(bytes),
          visualsnoop: await DOORS.visualsnoop(bytes),
        },
        `${name}, ${kind}`,
      ).toEqual({
        addImage: isPicture,
        ingestImage: stored,
        imgcache: isPicture ? stored : 'KEPT',
        visualsnoop: isPicture,
      });
    }
  }
  process.stdout.write(`\nDamaged files, by all doors: ${JSON.stringify(counts)}\n`);
  expect(Math.min(counts.pictures, counts.refused)).toBeGreaterThan(30);
  expect(gateway.reported).toEqual([]);
});
