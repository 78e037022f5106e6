import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { golden, photographs, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const STORE = /* GraphQL */ `
  mutation ($input: StoreEntryInput!) {
    storeEntry(input: $input) {
      __typename
      ... on StoreEntrySuccess {
        status
        entry { id contentHash url urls contentType fileSizeBytes originalFilename width height perceptualHash
                clientName lookupTime createdAt fileUrl }
      }
      ... on InvalidInputError { issues { path message } }
      ... on UploadTooLargeError { maxBytes }
      ... on Error { message }
    }
  }
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ maxUploadBytes: 1_000_000 });
});
afterAll(() => gateway.close());

async function store(name: string, url: string, more: object = {}) {
  const input = { url, clientName: 'test', image: { upload: null }, ...more };
  const { data, errors } = await gateway.upload(STORE, { input }, { 'input.image.upload': picture(name) });
  expect(errors).toBeUndefined();
  return data.storeEntry;
}

async function storeInline(bytes: Buffer, more: object = {}) {
  const input = {
    url: 'https://x.example/',
    clientName: 'test',
    image: { base64: bytes.toString('base64') },
    ...more,
  };
  const { data, errors } = await gateway.graphql(STORE, { input });
  expect(errors).toBeUndefined();
  return data.storeEntry;
}

describe('real photographs', () => {
  it('are stored with what the original server says of them', async () => {
    for (const name of photographs()) {
      const { __typename, status, entry } = await store(name, `https://photos.example/${name}`);
      const expected = golden(name);
      expect({ __typename, status, ...entry }).toMatchObject({
        __typename: 'StoreEntrySuccess',
        status: 'CREATED',
        contentHash: expected.blake2b256,
        contentType: expected.content_type,
        fileSizeBytes: expected.bytes,
        width: expected.width,
        height: expected.height,
        perceptualHash: expected.dhash,
        originalFilename: name.split('/')[1],
        fileUrl: `${gateway.url}/files/${expected.blake2b256}`,
      });
    }
  });

  it('are found by hash, by URL, by substring and by id', async () => {
    const { blake2b256: contentHash } = golden('photos/03-fig.jpg');
    const { data } = await gateway.graphql(
      /* GraphQL */ `
        query ($contentHash: ContentHash!, $url: String!) {
          entry(contentHash: $contentHash) { id url }
          entryByUrl(url: $url) { contentHash }
          entries(filter: { urlContains: "03-FIG" }) { nodes { contentHash } }
          none: entries(filter: { urlContains: "03%fig" }) { nodes { contentHash } }
          entriesByContentHash(contentHashes: [$contentHash, "${'0'.repeat(64)}"]) { contentHash }
          entriesByUrl(urls: ["https://nowhere.example/", $url]) { contentHash }
        }
      `,
      { contentHash, url: 'https://photos.example/photos/03-fig.jpg' },
    );
    expect(data).toMatchObject({
      entry: { url: 'https://photos.example/photos/03-fig.jpg' },
      entryByUrl: { contentHash },
      entries: { nodes: [{ contentHash }] },
      none: { nodes: [] },
      entriesByContentHash: [{ contentHash }, null],
      entriesByUrl: [null, { contentHash }],
    });
    const node = await gateway.graphql(
      'query ($id: ID!) { node(id: $id) { __typename id ... on Entry { contentHash } } nodes(ids: ["x", $id]) { id } }',
      { id: data.entry.id },
    );
    expect(node.data.node).toEqual({ __typename: 'Entry', id: data.entry.id, contentHash });
    expect(node.data.nodes).toEqual([null, { id: data.entry.id }]);
  });

  it('are found by their smaller and recompressed copies, nearest first', async () => {
    for (const copy of ['derived/fig-resize50.jpg', 'derived/rocket-q30.jpg']) {
      const query =
        'query ($image: ImageInput!) { similar(to: { image: $image }) { perceptualHash entries { hammingDistance entry { url } } } }';
      const { data } = await gateway.upload(
        query,
        { image: { upload: null } },
        { 'image.upload': picture(copy) },
      );
      expect(data.similar.perceptualHash).toBe(golden(copy).dhash);
      const original = copy.replace('derived/', '').split('-')[0]!;
      expect(data.similar.entries[0].entry.url).toContain(original);
      expect(data.similar.entries[0].hammingDistance).toBeLessThanOrEqual(4);
    }
  });

  it('leave themselves out when they are what is asked about', async () => {
    const { blake2b256 } = golden('photos/03-fig.jpg');
    await store('derived/fig-q30.jpg', 'https://copies.example/fig');
    const { data } = await gateway.graphql(
      /* GraphQL */ `
        query ($contentHash: ContentHash!) {
          similar(to: { contentHash: $contentHash }) {
            entries { hammingDistance entry { contentHash url } }
            matches { score contentHash hammingDistance entry { url } foundBy }
            searches { service collectionId outcome }
          }
          entry(contentHash: $contentHash) { similar { entry { contentHash } } }
        }
      `,
      { contentHash: blake2b256 },
    );
    const found = data.similar.entries.map(
      (match: { entry: { contentHash: string } }) => match.entry.contentHash,
    );
    expect(found).toEqual([golden('derived/fig-q30.jpg').blake2b256]);
    expect(data.entry.similar).toEqual([{ entry: { contentHash: found[0] } }]);
    expect(data.similar.matches).toEqual([
      expect.objectContaining({ contentHash: found[0], foundBy: ['IMGCACHE'], score: 1 / 61 }),
    ]);
    expect(data.similar.searches).toContainEqual({
      service: 'IMGCACHE',
      collectionId: null,
      outcome: 'SEARCHED',
    });
  });
});

describe('storeEntry', () => {
  it('keeps every URL of the same bytes and says what it did', async () => {
    const first = await store('derived/coffee-q30.jpg', 'https://a.example/1', {
      lookupTime: '2024-01-01T12:00:00.5+02:00',
    });
    const again = await store('derived/coffee-q30.jpg', 'https://a.example/1');
    const second = await store('derived/coffee-q30.jpg', 'https://b.example/2', { filename: 'other.jpg' });
    expect([first.status, again.status, second.status]).toEqual(['CREATED', 'UNCHANGED', 'URL_ADDED']);
    expect(second.entry).toMatchObject({
      url: 'https://a.example/1',
      urls: ['https://a.example/1', 'https://b.example/2'],
      lookupTime: '2024-01-01T10:00:00.5Z',
    });
    const { data } = await gateway.graphql('{ entryByUrl(url: "https://b.example/2") { url } }');
    expect(data.entryByUrl.url).toBe('https://a.example/1');
  });

  it('says in one request which URLs there are after each of its changes', async () => {
    const image = { base64: picture('derived/coffee-crop10.jpg').toString('base64') };
    const { data } = await gateway.graphql(
      `mutation ($a: StoreEntryInput!, $b: StoreEntryInput!) {
        first: storeEntry(input: $a) { ... on StoreEntrySuccess { entry { urls } } }
        second: storeEntry(input: $b) { ... on StoreEntrySuccess { entry { urls } } }
      }`,
      {
        a: { image, url: 'https://a.example/1', clientName: 'c' },
        b: { image, url: 'https://b.example/2', clientName: 'c' },
      },
    );
    expect(data.first.entry.urls).toEqual(['https://a.example/1']);
    expect(data.second.entry.urls).toEqual(['https://a.example/1', 'https://b.example/2']);
  });

  it('gives one entry and no error when the same bytes come many times at once', async () => {
    const bytes = picture('derived/sunset-q30.jpg');
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, n) => storeInline(bytes, { url: `https://same.example/${n}` })),
    );
    expect(results.filter(({ status }) => status === 'CREATED')).toHaveLength(1);
    expect(results.filter(({ status }) => status === 'URL_ADDED')).toHaveLength(15);
  });

  it('takes a filename, else the last segment of the URL', async () => {
    const named = await storeInline(picture('odd/rgb.bmp'), { filename: 'named.bmp' });
    const unnamed = await storeInline(picture('odd/one-pixel.png'), {
      url: 'https://x.example/a/b%20c.png?q=1#f',
    });
    expect([named.entry.originalFilename, unnamed.entry.originalFilename]).toEqual([
      'named.bmp',
      'b%20c.png',
    ]);
  });

  it('understands base64 as a data URL, URL-safe and with line ends', async () => {
    const text = picture('odd/one-pixel.jpg').toString('base64');
    const forms = [
      `data:image/jpeg;base64,${text}`,
      text.replaceAll('+', '-').replaceAll('/', '_'),
      `${text}\n`,
      text.replace(/.{76}/g, '$&\r\n'),
    ];
    for (const base64 of forms) {
      const { data } = await gateway.graphql(STORE, {
        input: { url: 'u', clientName: 'c', image: { base64 } },
      });
      expect(data.storeEntry.entry.contentHash).toBe(golden('odd/one-pixel.jpg').blake2b256);
    }
  });

  it('refuses base64 whose + became spaces, wherever they are', async () => {
    const text = picture('photos/03-fig.jpg').toString('base64');
    const ofPluses = Buffer.from([0xfb, 0xef, 0xbe, ...picture('odd/one-pixel.jpg'), 0xfb, 0xef, 0xbe]);
    expect(text).toContain('+');
    for (const spaced of [
      text.replaceAll('+', ' '),
      text.replace('+', ' '),
      ofPluses.toString('base64').replaceAll('+', ' '),
      `${text} `,
      ` ${text}`,
      `${text.slice(0, 76)} \n${text.slice(76)}`,
      `data:image/jpeg;base64,${text.replace('+', ' ')}`,
    ]) {
      const result = await storeInline(picture('odd/one-pixel.png'), { image: { base64: spaced } });
      expect(result).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [
          { path: ['input', 'image', 'base64'], message: 'must be base64: a space in it may have been a +.' },
        ],
      });
    }
  });

  it('refuses what breaks a rule, naming the field', async () => {
    const good = picture('odd/one-pixel.png');
    const cases: [object, string[]][] = [
      [{ url: '' }, ['input', 'url']],
      [{ url: `https://x.example/${'x'.repeat(8192)}` }, ['input', 'url']],
      [{ url: 'https://x.example/\u0000' }, ['input', 'url']],
      [{ url: 'https://x.example/\n' }, ['input', 'url']],
      [{ clientName: '' }, ['input', 'clientName']],
      [{ filename: '' }, ['input', 'filename']],
      [{ image: { base64: '***' } }, ['input', 'image', 'base64']],
    ];
    for (const [wrong, path] of cases) {
      const result = await storeInline(good, wrong);
      expect(result).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path }] });
    }
  });

  it('refuses bytes that are no picture, and keeps nothing of them', async () => {
    for (const name of ['odd/zero.bin', 'odd/text.txt', 'odd/truncated-tail2.jpg', 'odd/truncated.png']) {
      expect(await storeInline(picture(name))).toMatchObject({ __typename: 'InvalidImageError' });
      const { data } = await gateway.graphql('query ($h: ContentHash!) { entry(contentHash: $h) { id } }', {
        h: golden(name).blake2b256,
      });
      expect(data.entry).toBeNull();
    }
  });

  it('takes an SVG, which has no dimensions and no hash', async () => {
    const { entry } = await storeInline(picture('odd/plain.svg'));
    expect(entry).toMatchObject({
      contentType: 'image/svg+xml',
      width: null,
      height: null,
      perceptualHash: null,
    });
    const { data } = await gateway.graphql(
      'query ($h: ContentHash!) { entry(contentHash: $h) { similar { hammingDistance } } similar(to: { contentHash: $h }) { entries { hammingDistance } searches { service outcome } } }',
      { h: entry.contentHash },
    );
    expect(data.entry.similar).toBeNull();
    expect(data.similar.entries).toEqual([]);
    expect(data.similar.searches).toContainEqual({ service: 'IMGCACHE', outcome: 'NOT_APPLICABLE' });
  });

  it('refuses more bytes than the limit, inline and as a file', async () => {
    const noise = Buffer.alloc(1_000_001, 'x');
    expect(await storeInline(noise)).toMatchObject({
      __typename: 'UploadTooLargeError',
      maxBytes: 1_000_000,
    });
    const input = { url: 'u', clientName: 'c', image: { upload: null } };
    const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': noise });
    expect(data.storeEntry).toMatchObject({ __typename: 'UploadTooLargeError', maxBytes: 1_000_000 });
  });
});

interface Page {
  edges: { cursor: string; node: { contentHash: string; createdAt: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

describe('entries', () => {
  it('are paged newest first, and cursors survive deletions', async () => {
    const page = (after: string | null) =>
      gateway.graphql(
        /* GraphQL */ `
          query ($after: String) {
            entries(first: 5, after: $after, filter: { urlContains: "photos.example" }) {
              edges { cursor node { contentHash createdAt } }
              nodes { contentHash }
              pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
          }
        `,
        { after },
      );
    const seen: { contentHash: string; createdAt: string }[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const { entries }: { entries: Page } = (await page(after)).data;
      expect(entries.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(entries.pageInfo.startCursor).toBe(entries.edges[0]!.cursor);
      seen.push(...entries.edges.map(({ node }) => node));
      more = entries.pageInfo.hasNextPage;
      after = entries.pageInfo.endCursor;
      if (seen.length === 5) {
        // The entry that the cursor points at goes; the next page is the same as before.
        const expected = (await page(after)).data.entries.nodes;
        const remove =
          'mutation ($h: ContentHash!) { deleteEntry(input: { contentHash: $h }) { __typename } }';
        await gateway.graphql(remove, { h: seen[4]!.contentHash });
        expect((await page(after)).data.entries.nodes).toEqual(expected);
      }
    }
    expect(seen).toHaveLength(photographs().length);
    const times = seen.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('are filtered by all conditions at once', async () => {
    const filter = { contentType: 'image/png', clientName: 'test', createdFrom: '2020-01-01T00:00:00Z' };
    const query =
      'query ($filter: EntryFilter) { entries(filter: $filter, first: 100) { nodes { contentType } } }';
    const found = await gateway.graphql(query, { filter });
    expect(found.data.entries.nodes.length).toBeGreaterThan(0);
    expect(new Set(found.data.entries.nodes.map((n: { contentType: string }) => n.contentType))).toEqual(
      new Set(['image/png']),
    );
    const before = await gateway.graphql(query, {
      filter: { ...filter, createdBefore: '2020-01-02T00:00:00Z' },
    });
    expect(before.data.entries.nodes).toEqual([]);
  });
});

describe('deleteEntry', () => {
  it('deletes once, and the bytes are served no more', async () => {
    const { entry } = await store('derived/picos-q30.jpg', 'https://gone.example/');
    const remove =
      'mutation ($h: ContentHash!) { deleteEntry(input: { contentHash: $h }) { __typename ... on DeleteEntrySuccess { deletedId contentHash } ... on Error { message } } }';
    const first = await gateway.graphql(remove, { h: entry.contentHash });
    const second = await gateway.graphql(remove, { h: entry.contentHash });
    expect(first.data.deleteEntry).toEqual({
      __typename: 'DeleteEntrySuccess',
      deletedId: entry.id,
      contentHash: entry.contentHash,
    });
    expect(second.data.deleteEntry).toMatchObject({ __typename: 'NotFoundError' });
    expect((await fetch(entry.fileUrl)).status).toBe(404);
    const { data } = await gateway.graphql('query ($id: ID!) { node(id: $id) { id } }', { id: entry.id });
    expect(data.node).toBeNull();
  });
});

describe('a bad argument', () => {
  const hash = 'a'.repeat(64);
  const cases: [query: string, argument: string][] = [
    ['{ entries(first: 0) { nodes { id } } }', 'first'],
    ['{ entries(first: 101) { nodes { id } } }', 'first'],
    ['{ entries(first: -1) { nodes { id } } }', 'first'],
    ['{ entries(first: "x") { nodes { id } } }', 'first'],
    ['{ entries(after: "x") { nodes { id } } }', 'after'],
    ['{ entries(after: "WyJ4IiwieSJd") { nodes { id } } }', 'after'],
    ['{ entries(filter: { createdFrom: "yesterday" }) { nodes { id } } }', 'createdFrom'],
    ['{ entries(filter: { createdFrom: "2024-01-01T00:00:00" }) { nodes { id } } }', 'createdFrom'],
    ['{ entry(contentHash: "zz") { id } }', 'contentHash'],
    ['{ entry(contentHash: 5) { id } }', 'contentHash'],
    [`{ entry(contentHash: "${hash.slice(1)}g") { id } }`, 'contentHash'],
    ['{ similar(to: { perceptualHash: "12" }) { perceptualHash } }', 'perceptualHash'],
    [
      '{ similar(to: { perceptualHash: "0000000000000000" }, maxHammingDistance: 65) { perceptualHash } }',
      'maxHammingDistance',
    ],
    [
      '{ similar(to: { perceptualHash: "0000000000000000" }, maxHammingDistance: -1) { perceptualHash } }',
      'maxHammingDistance',
    ],
    ['{ similar(to: { perceptualHash: "0000000000000000" }, first: 0) { perceptualHash } }', 'first'],
    ['{ similar(to: { image: { base64: "AAAA" } }) { perceptualHash } }', 'image'],
    ['{ similar(to: { image: { base64: "?" } }) { perceptualHash } }', 'base64'],
    [`{ nodes(ids: [${'"x",'.repeat(101)}]) { id } }`, 'ids'],
    [`{ entriesByContentHash(contentHashes: [${`"${hash}",`.repeat(101)}]) { id } }`, 'contentHashes'],
    [`{ entriesByUrl(urls: [${'"x",'.repeat(101)}]) { id } }`, 'urls'],
    ['mutation { deleteEntry(input: { contentHash: "x" }) { __typename } }', 'contentHash'],
  ];
  for (const [query, argument] of cases) {
    it(`is BAD_USER_INPUT and named: ${query.slice(0, 90)}`, async () => {
      const { errors } = await gateway.graphql(query);
      expect(errors).toHaveLength(1);
      expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
      expect(errors![0]!.message).toContain(argument);
    });
  }

  it('in a variable is named too', async () => {
    const { data, errors } = await gateway.graphql(
      'query ($contentHash: ContentHash!) { entry(contentHash: $contentHash) { id } }',
      {
        contentHash: 'zz',
      },
    );
    expect(data).toBeUndefined();
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors![0]!.message).toContain('$contentHash');
  });

  it('in a variable of a @oneOf input is refused', async () => {
    const query = 'query ($to: SimilarToInput!) { similar(to: $to) { perceptualHash } }';
    for (const to of [{}, { perceptualHash: '0'.repeat(16), contentHash: hash }, { perceptualHash: null }]) {
      const { data, errors } = await gateway.graphql(query, { to });
      expect(data).toBeUndefined();
      expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

it('nothing that was asked here was an unexpected error', () => {
  expect(gateway.reported).toEqual([]);
});
