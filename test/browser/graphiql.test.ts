import { mkdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { describeInChromium } from './chromium.js';
import { loadedFiles, openGraphiQL, openTab, redMarks, runTab, setVariables } from './graphiql-page.js';
import { type OpenPage, press, startProxy } from './page.js';

const KEY = 'admin-key-of-the-test';
const SHOTS = process.env.GRAPHIQL_SHOTS ?? '.cache';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const TASKS = [
  'Services',
  'Collections',
  'CreateCollection',
  'StoreEntry',
  'IngestImage',
  'AddImage',
  'Similar',
  'Entries',
  'EntryByUrl',
];

describeInChromium('GraphiQL', (browser) => {
  let gateway: TestGateway;
  const opened: OpenPage[] = [];
  const others: { close(): unknown }[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    gateway = await startGateway();
  });
  afterAll(async () => {
    for (const other of others) await other.close();
    await gateway?.close();
  });
  afterEach(async () => {
    for (const { foreign, complaints, close } of opened.splice(0)) {
      await close();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  async function open(...[address, options]: [string?, Parameters<typeof openGraphiQL>[2]?]) {
    const page = await openGraphiQL(browser(), address ?? `${gateway.url}/graphql`, options);
    opened.push(page);
    return page.page;
  }
  const shot = (name: string) => ({ path: `${SHOTS}/graphiql-${name}.png` });

  it('has a tab for each everyday task, which opens at its first press, and loads each of its files once', async () => {
    const page = await open();
    const names = await page.getByRole('tab').allTextContents();
    for (const task of TASKS) expect(names.some((name) => name.startsWith(task))).toBe(true);
    await openTab(page, 'StoreEntry');
    await openTab(page, 'Collections');
    const first = await loadedFiles(page);
    const total = first.reduce((sum, { transferSize }) => sum + transferSize, 0);
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(2_000_000);
    await page.reload();
    await page.waitForSelector('.graphiql-query-editor .view-line');
    const known = new Set(first.map(({ name }) => name));
    // A file that the first visit came to later, such as a font, may come now.
    const again = (await loadedFiles(page)).filter(({ name }) => known.has(name));
    expect(again.length).toBeGreaterThan(2);
    expect(again.filter(({ transferSize }) => transferSize > 0)).toEqual([]);
  });

  it('stores a picture, finds it, lists it, and shows the pictures that the response names', async () => {
    const page = await open();
    await runTab(page, 'Services', 'IMGCACHE');
    await runTab(page, 'StoreEntry', 'StoreEntrySuccess');
    const pictures = page.locator('.pictures img');
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.pictures img')?.naturalWidth);
    expect(await pictures.count()).toBe(1);
    expect(await pictures.getAttribute('src')).toMatch(new RegExp(`^${gateway.url}/files/`));
    await runTab(page, 'IngestImage', 'IngestImageSuccess');
    await runTab(page, 'Similar', 'hammingDistance');
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.pictures img')?.naturalWidth);
    await page.screenshot(shot('pictures'));
    await runTab(page, 'Services', 'VISUALSNOOP');
    await page.waitForFunction(() => !document.querySelector('.pictures'));
    await runTab(page, 'Entries', '"entries"');
    await page.screenshot(shot('wide'));
  });

  it('marks in variables only what is wrong', async () => {
    const query = `query ($to: SimilarToInput!, $n: Int! = 2, $ids: [String!], $file: Upload) {
      similar(to: $to, first: $n, collectionIds: $ids) { perceptualHash }
      other: similar(to: { image: { upload: $file } }) { perceptualHash }
    }`;
    const good = { to: { image: { upload: null } }, ids: 'x', file: null, unused: 1 };
    const wrong = { ...good, n: 'two' };
    const search = new URLSearchParams({ query, variables: JSON.stringify(wrong) });
    const page = await open(`${gateway.url}/graphql?${search}`);
    const marks = () => redMarks(page);
    await expect.poll(marks).toEqual([expect.stringContaining('variables.json')]);
    await setVariables(page, good);
    await expect.poll(marks).toEqual([]);
    await setVariables(page, wrong);
    await expect.poll(marks).toEqual([expect.stringContaining('variables.json')]);
    for (const task of TASKS) {
      await openTab(page, task);
      await expect.poll(marks, { message: task }).toEqual([]);
    }
  });

  it('shows its docs in the place of the editors on a phone, and all its parts one below the other', async () => {
    const page = await open(undefined, PHONE);
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([390, 390]);
    const docs = page.getByLabel(/Documentation Explorer/).first();
    await press(page, docs);
    await page.waitForFunction(() => {
      const box = document.querySelector('.graphiql-plugin')?.getBoundingClientRect();
      return box?.left === 0 && box.width === innerWidth;
    });
    await page.screenshot(shot('narrow-docs'));
    await press(page, docs);
    await page.waitForFunction(
      () => (document.querySelector('.graphiql-plugin')?.getBoundingClientRect().left ?? 0) < 0,
    );
    await runTab(page, 'Entries', '"entries"');
    for (const part of ['.graphiql-query-editor', '.graphiql-response']) {
      const box = await page.locator(part).boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      expect(box?.height).toBeGreaterThan(120);
    }
    await page.screenshot(shot('narrow'));
    await runTab(page, 'Services', '"services"');
    await docs.tap();
    await page.waitForFunction(
      () => document.querySelector('.graphiql-plugin')?.getBoundingClientRect().left === 0,
    );
  });

  it('is dark where that is liked', async () => {
    const page = await open(undefined, { colorScheme: 'dark' });
    const [red = 255] = await page.evaluate(() =>
      getComputedStyle(document.querySelector('.graphiql-container')!)
        .backgroundColor.match(/\d+/g)!
        .map(Number),
    );
    expect(red).toBeLessThan(80);
    await page.screenshot(shot('dark'));
  });

  it('takes a key once, for all tabs and for the docs, and keeps it until the field is emptied', async () => {
    const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `admin:${KEY}` });
    const closed = await startGateway({ ...(apiKeys && { apiKeys }) });
    others.push(closed);
    const page = await open(`${closed.url}/graphql`);
    // The editor shows spaces that do not break.
    await page.waitForFunction(() =>
      document.querySelector('.graphiql-response')?.textContent?.includes('Give\u00a0your\u00a0key'),
    );
    await page.screenshot(shot('without-key'));
    const field = page.getByLabel('Key', { exact: true });
    await press(page, field);
    await page.keyboard.type(KEY);
    await page.keyboard.press('Enter');
    await press(page, page.getByLabel('Show Documentation Explorer'));
    await page.waitForFunction(() =>
      document.querySelector('.graphiql-plugin')?.textContent?.includes('Mutation'),
    );
    await runTab(page, 'Services', 'IMGCACHE');
    await runTab(page, 'StoreEntry', 'StoreEntrySuccess');
    await page.screenshot(shot('with-key'));
    await page.reload();
    await page.waitForSelector('.graphiql-query-editor .view-line');
    await runTab(page, 'Services', 'IMGCACHE');
    await field.fill('');
    await field.blur();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(KEY);
  });

  it('works below a path of its host, and opens with the operation in its address', async () => {
    const proxy = await startProxy(gateway.url, '/pictures/lookalike');
    others.push(proxy);
    const page = await open(`${proxy.url}/graphql`);
    await runTab(page, 'Services', 'IMGCACHE');
    const again = await open(`${proxy.url}/graphql/?query=${encodeURIComponent('{ __typename }')}`);
    await again.waitForFunction(() =>
      document.querySelector('.graphiql-query-editor')?.textContent?.includes('__typename'),
    );
    await press(again, again.locator('.graphiql-execute-button'));
    await again.waitForFunction(() =>
      document.querySelector('.graphiql-response')?.textContent?.includes('"Query"'),
    );
  });
});
