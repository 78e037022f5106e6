import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../fakes/raw-request.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const MAX_SCRIPT_BYTES = 60_000;

/** Each view, with the place of the files as seen from it. */
const VIEWS = [
  ['/', 'gallery/'],
  ['/?q=example.org&type=image/png', 'gallery/'],
  [`/entries/${'a'.repeat(64)}`, '../gallery/'],
  ['/similar?to=0123456789abcdef', 'gallery/'],
  ['/collections', 'gallery/'],
  ['/collections/6b7c9142', '../gallery/'],
  ['/collections/6b7c9142/images/a%2Fb', '../../../gallery/'],
  ['/duplicates', 'gallery/'],
  ['/duplicates/1', '../gallery/'],
  ['/import', 'gallery/'],
] as const;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const open = (path: string, headers: Record<string, string> = BROWSER) =>
  sendRaw(`${gateway.url}${path}`, { headers });

describe('the page of the gallery', () => {
  it.each(VIEWS)(
    'is at %s for browsers, and names its files by addresses that are right below any path',
    async (path, folder) => {
      const { status, headers, text } = await open(path);
      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      const files = [...text.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, address]) => address!);
      expect(files.length).toBeGreaterThanOrEqual(2);
      for (const file of files) {
        expect(file.startsWith(folder)).toBe(true);
        expect((await sendRaw(new URL(file, gateway.url + path).href, {})).status).toBe(200);
      }
    },
  );

  it('runs nothing that stands in the page, no script and no style', async () => {
    const { headers, text } = await open('/');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('http');
    expect(text).not.toMatch(/<style|style="/);
    for (const [, attributes, content] of text.matchAll(/<script([^>]*)>([^<]*)</g))
      expect(attributes?.includes('application/json') || content === '').toBe(true);
  });

  it('is for browsers alone: programs are led to the graph, and find nothing elsewhere', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const { status, headers } = await open('/', { accept });
      expect([status, headers.location, headers.vary]).toEqual([302, 'graphql', 'Accept']);
      expect((await open('/collections', { accept })).status).toBe(404);
    }
  });

  it('leaves the addresses of pictures as they are, for browsers too', async () => {
    const { blake2b256 } = golden('photos/03-fig.jpg');
    const input = { url: 'https://a.example/photo.jpg', clientName: 'test', image: { upload: null } };
    await gateway.upload(
      'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }',
      { input },
      { 'input.image.upload': picture('photos/03-fig.jpg') },
    );
    expect((await open(`/files/${blake2b256}`)).headers['content-type']).toBe('image/jpeg');
    expect((await open(`/thumbnails/${blake2b256}/320.webp`)).headers['content-type']).toBe('image/webp');
    expect((await open(`/collections/x/images/y/${blake2b256}`)).status).toBe(404);
  });

  it('is left out where LOOKALIKE_GALLERY is off', async () => {
    const without = await startGateway({ gallery: false });
    const { status, headers } = await sendRaw(`${without.url}/`, { headers: BROWSER });
    expect([status, headers.location]).toEqual([302, 'graphql']);
    for (const path of ['/collections', '/import', '/gallery/index.js'])
      expect((await sendRaw(without.url + path, { headers: BROWSER })).status).toBe(404);
    await without.close();
  });
});

it('has at most 60 kB of compressed script in all', () => {
  const folder = new URL('../../dist/gallery/', import.meta.url);
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThanOrEqual(1);
  const bytes = scripts.map((name) => gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length);
  expect(bytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
});
