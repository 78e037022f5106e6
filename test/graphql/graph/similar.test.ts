import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import type { Entry } from '#src/services/entry.js';
import { stageBytes } from '../../fakes/memory-staging.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

const SIMILAR = /* GraphQL */ `
  query ($to: SimilarToInput!, $collectionIds: [String!], $distance: Int! = 4, $first: Int! = 20) {
    similar(to: $to, collectionIds: $collectionIds, maxHammingDistance: $distance, first: $first) {
      perceptualHash
      entries { hammingDistance entry { contentHash } }
      images { rank image { imageId collection { collectionId } } }
      matches {
        score contentHash hammingDistance foundBy
        entry { contentHash }
        images { rank image { imageId } }
      }
      searches { service collectionId outcome }
    }
  }
`;

const HASH = '00000000000000ff';
const NEAR = '00000000000000fe';
const FAR = 'ffffffffffffffff';
const itself = tinyPicture(HASH, 'xx');
const near = tinyPicture(NEAR, 'xxxx');
const far = tinyPicture(FAR, 'x'.repeat(100));

const base64 = (bytes: Buffer) => ({ image: { base64: bytes.toString('base64') } });
const contentHashOf = async (bytes: Buffer) => (await stageBytes(bytes)).contentHash;
const methods = (calls: [string, ...unknown[]][]) => calls.map(([method]) => method);

let graph: TestGraph;
let a: string;
let b: string;

async function start(options?: Parameters<typeof startGraph>[0]): Promise<void> {
  graph = await startGraph(options);
}

async function createCollections(): Promise<void> {
  [a, b] = [await graph.createCollection(), await graph.createCollection()].toSorted() as [string, string];
}

beforeEach(async () => {
  await start();
  await createCollections();
});
afterEach(async () => {
  await graph.close();
  expect(graph.reported).toEqual([]);
  expect(graph.staging.open).toBe(0);
});

async function ask(to: object, more: object = {}) {
  const { data, errors } = await graph.graphql(SIMILAR, { to, ...more });
  return { ...data?.similar, errors };
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of the query above
type Answer = any;
const entriesOf = ({ entries }: Answer): string[] => entries.map((match: Answer) => match.entry.contentHash);
const imagesOf = ({ images }: Answer): string[] =>
  images.map(({ image }: Answer) => `${image.collection.collectionId}/${image.imageId}`);
const outcomesOf = ({ searches }: Answer): [string | null, string][] =>
  searches.map(({ collectionId, outcome }: Answer) => [collectionId, outcome]);

/** Entries of both near pictures; in collection a all three, in b a copy of the picture itself. */
async function fill(): Promise<[Entry, Entry]> {
  const entries: [Entry, Entry] = [await graph.store(itself), await graph.store(near)];
  await graph.add(a, itself, { imageId: 'itself' });
  await graph.add(a, near, { imageId: 'near' });
  await graph.add(a, far, { imageId: 'far' });
  await graph.add(b, itself, { imageId: entries[0].contentHash });
  return entries;
}

describe('likeness', () => {
  const BUSY = '5a3c96e10f78d2b4';
  const LIKENESS = /* GraphQL */ `
    query ($to: SimilarToInput!) {
      similar(to: $to, maxHammingDistance: 64) {
        entries { likeness hammingDistance }
        images { likeness rank }
        matches { likeness hammingDistance images { rank } }
      }
    }
  `;
  const likenesses = async (to: object) => {
    const { data } = await graph.graphql(LIKENESS, { to });
    return data.similar;
  };
  const busy = (hash: string, label = '') => tinyPicture(hash, label);

  it('says of entries how far they are, and that the same bytes are identical', async () => {
    const asked = busy(BUSY);
    const copies = [asked, busy(BUSY, 'other bytes'), busy('5a3c96e10f78d2bf'), busy('5a3c96e10f7800b4')];
    for (const copy of [...copies, busy('a5c3691ef0872d4b')]) await graph.store(copy);
    const { entries } = await likenesses(base64(asked));
    expect(entries).toEqual([
      { likeness: 'IDENTICAL', hammingDistance: 0 },
      { likeness: 'NEARLY_CERTAIN', hammingDistance: 0 },
      { likeness: 'NEARLY_CERTAIN', hammingDistance: 3 },
      { likeness: 'NEARLY_CERTAIN', hammingDistance: 4 },
      { likeness: 'POSSIBLE', hammingDistance: 64 },
    ]);
    const { entries: same } = await likenesses({ perceptualHash: BUSY });
    expect(same[0]).toEqual({ likeness: 'NEARLY_CERTAIN', hammingDistance: 0 });
  });

  it('is the surest of both services in matches', async () => {
    const asked = busy(BUSY);
    const far = busy('a5c3691ef0872d4b');
    for (const bytes of [asked, far]) {
      await graph.store(bytes);
      await graph.add(a, bytes);
    }
    const { images, matches } = await likenesses(base64(asked));
    expect(images[0]).toEqual({ likeness: 'IDENTICAL', rank: 0 });
    expect(images[1].likeness).toBe(images[1].rank <= 13 ? 'NEARLY_CERTAIN' : 'LIKELY');
    expect(matches.map((match: Answer) => [match.likeness, match.hammingDistance])).toEqual([
      ['IDENTICAL', 0],
      [images[1].likeness, 64],
    ]);
  });

  it('is known of rank 0 alone where VisualSnoop is remote', async () => {
    const memory = new MemoryVisualSnoop();
    const created = await memory.createCollection({ name: 'test' });
    const server = await new VisualSnoopWireServer(memory, memory).listen();
    const client = createVisualSnoopClient({ baseUrl: server.baseUrl, keys: [created], timeoutMs: 5000 });
    await graph.close();
    await start({ visualsnoop: client });
    for (const bytes of [itself, near]) await graph.add(created.collection.collectionId, bytes);
    const { images } = await likenesses(base64(itself));
    expect(images.map(({ likeness }: Answer) => likeness)).toEqual(['IDENTICAL', 'POSSIBLE']);
    await client.close();
    await server.close();
  });
});

describe('asking with bytes', () => {
  it('asks both services and has each picture once in matches', async () => {
    const [first, second] = await fill();
    const answer = await ask(base64(itself));
    expect(answer.errors).toBeUndefined();
    expect(answer.perceptualHash).toBe(HASH);
    expect(answer.entries).toEqual([
      { hammingDistance: 0, entry: { contentHash: first.contentHash } },
      { hammingDistance: 1, entry: { contentHash: second.contentHash } },
    ]);
    const copies = [`${a}/itself`, `${b}/${first.contentHash}`];
    expect(imagesOf(answer)).toEqual([...copies, `${a}/near`, `${a}/far`]);
    const matches = answer.matches.map(({ score, ...match }: Answer) => match);
    expect(matches).toEqual([
      {
        contentHash: first.contentHash,
        hammingDistance: 0,
        entry: { contentHash: first.contentHash },
        images: [
          { rank: 0, image: { imageId: 'itself' } },
          { rank: 0, image: { imageId: first.contentHash } },
        ],
        foundBy: ['IMGCACHE', 'VISUALSNOOP'],
      },
      {
        contentHash: second.contentHash,
        hammingDistance: 1,
        entry: { contentHash: second.contentHash },
        images: [{ rank: expect.any(Number), image: { imageId: 'near' } }],
        foundBy: ['IMGCACHE', 'VISUALSNOOP'],
      },
      {
        contentHash: await contentHashOf(far),
        hammingDistance: null,
        entry: null,
        images: [{ rank: expect.any(Number), image: { imageId: 'far' } }],
        foundBy: ['VISUALSNOOP'],
      },
    ]);
    expect(answer.matches[0].score).toBeCloseTo(1 / 61 + 1 / 61);
    expect(answer.matches[1].score).toBeCloseTo(1 / 62 + 1 / 63);
    expect(answer.searches).toEqual([
      { service: 'IMGCACHE', collectionId: null, outcome: 'SEARCHED' },
      { service: 'VISUALSNOOP', collectionId: a, outcome: 'SEARCHED' },
      { service: 'VISUALSNOOP', collectionId: b, outcome: 'SEARCHED' },
    ]);
  });

  it('takes an upload, decodes it once and asks nothing twice', async () => {
    await fill();
    const query = SIMILAR.replace('$to: SimilarToInput!', '$image: ImageInput!').replace(
      'to: $to',
      'to: { image: $image }',
    );
    const upload = { 'image.upload': Buffer.from(itself) };
    const { data, errors } = await graph.upload(query, { image: { upload: null } }, upload);
    expect(errors).toBeUndefined();
    expect(data.similar.images).toHaveLength(4);
    expect(graph.staging.bytesRead).toBe(itself.length);
    expect(methods(graph.imgcache.calls)).toEqual(['similar']);
    expect(methods(graph.visualsnoop.calls)).toEqual([
      'listCollections',
      'searchByImage',
      'searchByImage',
      'getContentHashes',
    ]);
  });

  it('gives no more than asked for of each list', async () => {
    await fill();
    const answer = await ask(base64(itself), { first: 1 });
    expect(answer.entries).toHaveLength(1);
    expect(imagesOf(answer)).toEqual([`${a}/itself`]);
    expect(answer.matches).toHaveLength(1);
  });

  it('asks only the collections that are named, each once, and none for an empty list', async () => {
    await fill();
    const some = await ask(base64(itself), { collectionIds: [b, b] });
    expect(imagesOf(some)).toEqual([`${b}/${await contentHashOf(itself)}`]);
    expect(outcomesOf(some)).toEqual([
      [null, 'SEARCHED'],
      [b, 'SEARCHED'],
    ]);
    graph.visualsnoop.calls.length = 0;
    const none = await ask(base64(itself), { collectionIds: [] });
    expect(none.images).toEqual([]);
    expect(none.entries).toHaveLength(2);
    expect(outcomesOf(none)).toEqual([[null, 'SEARCHED']]);
    expect(graph.visualsnoop.calls).toEqual([]);
  });

  it('asks all collections, however many there are', async () => {
    await fill();
    const known = await graph.visualsnoop.service.listCollections({ limit: 10 });
    const many = Array.from({ length: 1001 }, (_, n) => ({ ...known[0]!, collectionId: `!${n}` }));
    const all = [...many, ...known].sort((x, y) => (x.collectionId < y.collectionId ? -1 : 1));
    graph.visualsnoop.service.listCollections = async ({ after = '', limit }) =>
      all.filter(({ collectionId }) => collectionId > after).slice(0, limit);
    const search = graph.visualsnoop.service.searchByImage;
    graph.visualsnoop.service.searchByImage = async (collectionId, ...rest) =>
      collectionId.startsWith('!') ? [] : search(collectionId, ...rest);
    const { searches, images } = await ask(base64(itself));
    expect(searches).toHaveLength(1 + all.length);
    expect(images).toHaveLength(4);
  });

  it('searches at most 8 collections at a time', async () => {
    for (let n = 0; n < 20; n++) await graph.createCollection();
    let running = 0;
    let most = 0;
    const target = graph.visualsnoop.service;
    target.searchByImage = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      return [];
    };
    const { searches } = await ask(base64(itself));
    expect(searches).toHaveLength(23);
    expect(most).toBe(8);
  });

  it('fails with a code for bytes that are no picture', async () => {
    const { errors } = await ask(base64(Buffer.from('text')));
    expect(errors).toMatchObject([{ path: ['similar'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('asking about an entry', () => {
  it('leaves the picture out: its entry, and the images under its content hash', async () => {
    const [first, second] = await fill();
    const answer = await ask({ contentHash: first.contentHash });
    expect(answer.errors).toBeUndefined();
    expect(answer.perceptualHash).toBe(HASH);
    expect(entriesOf(answer)).toEqual([second.contentHash]);
    expect(imagesOf(answer)).toEqual([`${a}/itself`, `${a}/near`, `${a}/far`]);
    expect(methods(graph.visualsnoop.calls)).toEqual([
      'listCollections',
      'findByContentHash',
      'searchById',
      'searchById',
      'getContentHashes',
    ]);
    expect(methods(graph.imgcache.calls).toSorted()).toEqual(['getMeta', 'similar']);
  });

  it('shows its copies under other ids, also the one that the search was made with', async () => {
    const { contentHash } = await graph.store(itself);
    for (const imageId of ['older', contentHash, 'newer']) await graph.add(a, itself, { imageId });
    const image = (imageId: string) => ({ imageId, collection: { collectionId: a } });
    const { images } = await ask({ contentHash }, { first: 2 });
    expect(images).toEqual([
      { rank: 0, image: image('newer') },
      { rank: 0, image: image('older') },
    ]);
  });

  it('searches by its bytes where a collection does not have it', async () => {
    const { contentHash } = await graph.store(itself);
    await graph.add(a, near, { imageId: 'near' });
    const answer = await ask({ contentHash });
    expect(imagesOf(answer)).toEqual([`${a}/near`]);
    expect(outcomesOf(answer)).toEqual([
      [null, 'SEARCHED'],
      [a, 'SEARCHED'],
      [b, 'SEARCHED'],
    ]);
    expect(methods(graph.imgcache.calls).filter((method) => method === 'getBytes')).toHaveLength(1);
    expect(methods(graph.visualsnoop.calls)).not.toContain('searchById');
  });

  it('is NOT_FOUND where imgcache does not have it', async () => {
    await graph.add(a, near, { imageId: 'near' });
    const { errors } = await ask({ contentHash: 'f'.repeat(64) });
    expect(errors).toMatchObject([
      {
        message: `There is no entry ${'f'.repeat(64)}.`,
        path: ['similar'],
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
  });

  it('is searched in the collections that have it when imgcache is away', async () => {
    const [first] = await fill();
    for (const method of ['getMeta', 'similar', 'getBytes'])
      graph.imgcache.failures.set(method, unavailable('IMGCACHE'));
    await graph.visualsnoop.service.deleteImage({ collectionId: b, imageId: first.contentHash });
    const answer = await ask({ contentHash: first.contentHash });
    expect(imagesOf(answer)).toEqual([`${a}/itself`, `${a}/near`, `${a}/far`]);
    expect(answer.entries).toBeNull();
    expect(answer.errors).toMatchObject([
      { path: ['similar', 'entries'], extensions: { code: 'SERVICE_UNAVAILABLE', service: 'IMGCACHE' } },
    ]);
    expect(outcomesOf(answer)).toEqual([
      [null, 'FAILED'],
      [a, 'SEARCHED'],
      [b, 'NOT_APPLICABLE'],
    ]);
  });
});

describe('asking with a perceptual hash', () => {
  it('asks imgcache only', async () => {
    const [first, second] = await fill();
    const answer = await ask({ perceptualHash: HASH });
    expect(entriesOf(answer)).toEqual([first.contentHash, second.contentHash]);
    expect(answer.images).toEqual([]);
    expect(answer.matches).toHaveLength(2);
    expect(answer.searches).toEqual([
      { service: 'IMGCACHE', collectionId: null, outcome: 'SEARCHED' },
      { service: 'VISUALSNOOP', collectionId: null, outcome: 'NOT_APPLICABLE' },
    ]);
    expect(graph.visualsnoop.calls).toEqual([]);
  });
});

describe('asking about an image of a collection', () => {
  it('leaves the picture out, and finds it by the hash of its entry', async () => {
    const [first, second] = await fill();
    const answer = await ask({ member: { collectionId: a, imageId: 'itself' } });
    expect(answer.errors).toBeUndefined();
    expect(answer.perceptualHash).toBe(HASH);
    expect(entriesOf(answer)).toEqual([second.contentHash]);
    expect(imagesOf(answer)).toEqual([`${a}/near`, `${a}/far`]);
    expect(methods(graph.visualsnoop.calls)).not.toContain('getBytes');
    expect(first.contentHash).not.toBe(second.contentHash);
  });

  it('gives as many as asked for beside what is left out', async () => {
    const [first] = await fill();
    await graph.add(a, itself, { imageId: first.contentHash });
    const member = { collectionId: a, imageId: 'itself' };
    expect(imagesOf(await ask({ member }, { first: 1 }))).toEqual([`${a}/near`]);
  });

  it('shows its copies under other ids', async () => {
    await graph.add(a, itself, { imageId: 'copy' });
    for (const collectionId of [a, b]) await graph.add(collectionId, itself, { imageId: 'itself' });
    const answer = await ask({ member: { collectionId: a, imageId: 'itself' } });
    expect(imagesOf(answer)).toEqual([`${a}/copy`, `${b}/itself`]);
    expect(answer.matches).toHaveLength(1);
  });

  it('finds it by the dHash of its bytes where there is no entry', async () => {
    await graph.add(a, itself, { imageId: 'itself' });
    await graph.add(b, near, { imageId: 'near' });
    const { contentHash } = await graph.store(near);
    const answer = await ask({ member: { collectionId: a, imageId: 'itself' } });
    expect(answer.perceptualHash).toBe(HASH);
    expect(entriesOf(answer)).toEqual([contentHash]);
    expect(imagesOf(answer)).toEqual([`${b}/near`]);
    expect(methods(graph.visualsnoop.calls).filter((method) => method === 'getBytes')).toHaveLength(1);
  });

  it('asks imgcache also when VisualSnoop is away, where the id is a content hash', async () => {
    const [first, second] = await fill();
    for (const method of [
      'getCollections',
      'getImages',
      'listCollections',
      'getContentHashes',
      'searchById',
      'getBytes',
    ])
      graph.visualsnoop.failures.set(method, unavailable('VISUALSNOOP'));
    const known = await ask({ member: { collectionId: b, imageId: first.contentHash } });
    expect(entriesOf(known)).toEqual([second.contentHash]);
    expect(known.images).toBeNull();
    const unknown = await ask({ member: { collectionId: a, imageId: 'itself' } });
    expect(unknown.entries).toEqual([]);
    expect(outcomesOf(unknown)).toEqual([
      [null, 'NOT_APPLICABLE'],
      [null, 'FAILED'],
    ]);
    expect(unknown.errors).toMatchObject([{ path: ['similar', 'images'] }]);
  });

  it('that is gone is NOT_FOUND', async () => {
    const answer = await ask({ member: { collectionId: a, imageId: 'none' } });
    expect(answer.errors).toMatchObject([
      {
        message: `The collection ${a} has no image none.`,
        path: ['similar'],
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
  });
});

describe('an unknown collection', () => {
  it.each([
    ['asked', { to: base64(itself), collectionIds: ['none'] }],
    ['asked with a hash', { to: { perceptualHash: HASH }, collectionIds: ['none'] }],
    ['of a member', { to: { member: { collectionId: 'none', imageId: 'x' } } }],
  ])('%s is NOT_FOUND', async (_name, { to, ...more }) => {
    const { errors } = await ask(to, more);
    expect(errors).toEqual([
      { message: 'There is no collection none.', path: ['similar'], extensions: { code: 'NOT_FOUND' } },
    ]);
  });
});

describe('a service that fails', () => {
  it('takes away its own list only: imgcache', async () => {
    await fill();
    graph.imgcache.failures.set('similar', unavailable('IMGCACHE'));
    const answer = await ask(base64(itself));
    expect(answer.entries).toBeNull();
    expect(answer.images).toHaveLength(4);
    expect(answer.matches).toHaveLength(3);
    expect(answer.errors).toEqual([
      {
        message: 'IMGCACHE is away.',
        path: ['similar', 'entries'],
        extensions: { code: 'SERVICE_UNAVAILABLE', service: 'IMGCACHE', retryable: true },
      },
    ]);
    expect(outcomesOf(answer)[0]).toEqual([null, 'FAILED']);
  });

  it.each(['listCollections', 'searchByImage'])(
    'takes away its own list only: VisualSnoop (%s)',
    async (method) => {
      await fill();
      graph.visualsnoop.failures.set(method, unavailable('VISUALSNOOP'));
      const answer = await ask(base64(itself));
      expect(answer.images).toBeNull();
      expect(answer.entries).toHaveLength(2);
      expect(answer.matches).toHaveLength(2);
      expect(answer.errors).toMatchObject([
        { path: ['similar', 'images'], extensions: { code: 'SERVICE_UNAVAILABLE', service: 'VISUALSNOOP' } },
      ]);
      expect(
        outcomesOf(answer)
          .slice(1)
          .every(([, outcome]) => outcome === 'FAILED'),
      ).toBe(true);
    },
  );

  it('in one collection leaves what the others found in matches', async () => {
    await fill();
    const search = graph.visualsnoop.service.searchByImage;
    graph.visualsnoop.service.searchByImage = async (collectionId, ...rest) => {
      if (collectionId === a) throw unavailable('VISUALSNOOP');
      return search(collectionId, ...rest);
    };
    const answer = await ask(base64(itself));
    expect(answer.images).toBeNull();
    expect(answer.matches[0]).toMatchObject({ foundBy: ['IMGCACHE', 'VISUALSNOOP'] });
    expect(answer.matches[0].images).toHaveLength(1);
    expect(outcomesOf(answer)).toEqual([
      [null, 'SEARCHED'],
      [a, 'FAILED'],
      [b, 'SEARCHED'],
    ]);
  });

  it('to tell content hashes costs no match', async () => {
    await fill();
    graph.visualsnoop.failures.set('getContentHashes', unavailable('VISUALSNOOP'));
    const answer = await ask(base64(itself));
    expect(answer.errors).toBeUndefined();
    expect(answer.matches).toHaveLength(5);
  });

  it('beside another that fails leaves no matches', async () => {
    graph.imgcache.failures.set('similar', unavailable('IMGCACHE'));
    graph.visualsnoop.failures.set('searchByImage', unavailable('VISUALSNOOP'));
    const answer = await ask(base64(itself));
    expect(answer).toMatchObject({ perceptualHash: HASH, entries: null, images: null, matches: null });
    expect(answer.errors).toHaveLength(2);
  });

  it('with a mistake of ours is reported and tells nothing', async () => {
    graph.imgcache.failures.set('similar', new TypeError('secret'));
    const answer = await ask(base64(itself));
    expect(answer.errors).toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(graph.reported.splice(0)).toHaveLength(1);
  });
});

describe('a remote VisualSnoop', () => {
  let stop: () => Promise<void>;

  beforeEach(async () => {
    await graph.close();
    const memory = new MemoryVisualSnoop();
    const created = [
      await memory.createCollection({ name: 'a' }),
      await memory.createCollection({ name: 'b' }),
    ];
    [a, b] = created.map(({ collection }) => collection.collectionId).toSorted() as [string, string];
    const server = await new VisualSnoopWireServer(memory, memory).listen();
    const client = createVisualSnoopClient({ baseUrl: server.baseUrl, keys: created, timeoutMs: 5000 });
    await start({ visualsnoop: client });
    stop = async () => {
      await client.close();
      await server.close();
    };
  });
  afterEach(() => stop());

  it('is asked by id where it has the content hash as one, and by bytes elsewhere', async () => {
    const { contentHash } = await graph.store(itself);
    await graph.add(a, itself, { imageId: contentHash });
    await graph.add(a, far, { imageId: 'far' });
    await graph.add(b, near, { imageId: 'near' });
    const answer = await ask({ contentHash });
    expect(answer.errors).toBeUndefined();
    expect(imagesOf(answer)).toEqual([`${b}/near`, `${a}/far`]);
    const searches = methods(graph.visualsnoop.calls).filter((method) => method.startsWith('search'));
    expect(searches.toSorted()).toEqual(['searchById', 'searchByImage']);
  });

  it('has copies of one picture in one match, by their ids', async () => {
    const contentHash = await contentHashOf(near);
    for (const collectionId of [a, b]) await graph.add(collectionId, near, { imageId: contentHash });
    const answer = await ask(base64(itself));
    expect(answer.matches).toEqual([
      expect.objectContaining({ contentHash: null, images: [expect.anything(), expect.anything()] }),
    ]);
  });

  it('gives no bytes, so that imgcache and the other collections know nothing of a member', async () => {
    await graph.store(near);
    await graph.add(a, itself, { imageId: 'itself' });
    await graph.add(a, near, { imageId: 'near' });
    const answer = await ask({ member: { collectionId: a, imageId: 'itself' } });
    expect(imagesOf(answer)).toEqual([`${a}/near`]);
    expect(answer.entries).toEqual([]);
    expect(outcomesOf(answer)).toEqual([
      [null, 'NOT_APPLICABLE'],
      [a, 'SEARCHED'],
      [b, 'NOT_APPLICABLE'],
    ]);
  });
});
