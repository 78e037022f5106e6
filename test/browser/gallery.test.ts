import { mkdirSync, readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { golden, startGateway, type TestGateway } from '../harness/gateway.js';
import { until } from '../harness/patience.js';
import { describeInChromium } from './chromium.js';
import {
  accessibilityFaults,
  chooseLastAtOnce,
  DROP_TARGETS,
  drop,
  fill,
  NAMES,
  PHONE,
  pathOf,
  typeAtOnce,
  WIDE,
  waitForPictures,
} from './gallery-page.js';
import { type OpenPage, openPage, press, startProxy } from './page.js';

const SHOTS = process.env.GALLERY_SHOTS ?? '.cache';
const CHELSEA = golden('photos/35-chelsea.png').blake2b256;

describeInChromium('the gallery', (browser) => {
  let gateway: TestGateway;
  let collectionId: string;
  const opened: OpenPage[] = [];
  const proxies: { close(): void }[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    gateway = await startGateway();
    ({ collectionId } = await fill(gateway));
  });
  afterAll(async () => {
    for (const proxy of proxies) proxy.close();
    await gateway?.close();
  });
  afterEach(async () => {
    for (const { foreign, complaints, close } of opened.splice(0)) {
      await close();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<Page> {
    const page = await openPage(browser(), path.startsWith('http') ? path : gateway.url + path, options);
    opened.push(page);
    return page.page;
  }
  const shot = (page: Page, name: string) => page.screenshot({ path: `${SHOTS}/gallery-${name}.png` });
  const hasEntry = async (contentHash: string) => {
    const query = 'query ($hash: ContentHash!) { entry(contentHash: $hash) { id } }';
    return (await gateway.graphql(query, { hash: contentHash })).data.entry !== null;
  };

  describe('the list of all pictures', () => {
    it('shows them, reads on while it is scrolled, and holds those alone that are near', async () => {
      const page = await open('/');
      await waitForPictures(page);
      await page.waitForFunction(
        (count) => document.querySelector('.total')?.textContent === `${count} pictures`,
        NAMES.length,
      );
      await shot(page, 'wide');
      expect(await page.locator('.grid img').first().getAttribute('alt')).toBe('41-coins.png');
      await page.getByLabel('Pictures in a row').fill('3');
      await page.waitForFunction(() => document.querySelectorAll('.row').length < 12);
      await until(async () => {
        await page.mouse.wheel(0, 900);
        return (await page.getByText('svg+xml').count()) === 1;
      });
      expect(await page.locator('.cell').count()).toBeLessThan(45);
      await page.reload();
      expect(await page.getByLabel('Pictures in a row').inputValue()).toBe('3');
    });

    it('lets go of what was scrolled past, also of pictures that have not come yet', async () => {
      const page = await open('/import');
      await page.route('**/thumbnails/**', () => {}); // They never come.
      await press(page, page.getByRole('link', { name: 'Pictures', exact: true }));
      await page.waitForSelector('.cell img');
      await page.getByLabel('Pictures in a row').fill('3');
      const session = await page.context().newCDPSession(page);
      const nodes = async () => {
        await session.send('HeapProfiler.collectGarbage');
        return (await session.send('Memory.getDOMCounters')).nodes;
      };
      const scroll = async (distance: number) => {
        const first = () => page.locator('.row').first().getAttribute('aria-rowindex');
        const before = await first();
        await page.mouse.wheel(0, distance);
        await expect.poll(first).not.toBe(before);
      };
      await page.mouse.move(600, 500);
      await scroll(3000);
      await scroll(-3000);
      const before = await nodes();
      for (let time = 0; time < 10; time++) {
        await scroll(3000);
        await scroll(-3000);
      }
      expect(await nodes()).toBeLessThan(before * 1.5);
      await page.unrouteAll();
    });

    it('is walked by keys, and coming back finds the place and the picture again', async () => {
      const page = await open('/');
      await waitForPictures(page);
      await page.locator('.cell a').first().focus();
      for (const key of [
        'ArrowRight',
        'ArrowDown',
        'ArrowDown',
        'ArrowDown',
        'ArrowDown',
        'ArrowLeft',
        'ArrowUp',
      ])
        await page.keyboard.press(key);
      const name = () => page.evaluate(() => document.activeElement?.querySelector('img')?.alt);
      const [focused, scrolled] = [await name(), await page.evaluate(() => scrollY)];
      expect(focused).toBeTruthy();
      await page.keyboard.press('Enter');
      await page.waitForSelector('.viewer');
      expect(await page.locator('h1').textContent()).toBe(focused);
      await page.keyboard.press('Escape');
      await waitForPictures(page);
      await page.waitForFunction((alt) => document.activeElement?.querySelector('img')?.alt === alt, focused);
      expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    });

    it('finds by a part of an address, and by filters that stand in the address and go one by one', async () => {
      const page = await open('/');
      await page.keyboard.press('/');
      await page.keyboard.type('CHELSEA');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.total')?.textContent === '7 pictures');
      await press(page, page.locator('summary', { hasText: 'Client' }));
      await press(page, page.getByLabel('scraper (55)'));
      await page.waitForFunction(() => document.querySelector('.total')?.textContent === '6 pictures');
      await page.keyboard.press('Escape');
      await press(page, page.locator('summary', { hasText: 'Size' }));
      await press(page, page.getByLabel('At least 640 px wide'));
      await page.waitForSelector('text=Nothing like that');
      expect(new URL(page.url()).search).toBe('?q=CHELSEA&client=scraper&min=640');
      await page.keyboard.press('Escape');
      await press(page, page.getByLabel('Remove the filter at least 640 px wide'));
      await press(page, page.getByLabel('Remove the filter “CHELSEA”'));
      await page.waitForFunction(() => document.querySelector('.total')?.textContent === '55 pictures');
      await page.goBack();
      await page.waitForFunction(() => document.querySelector('.total')?.textContent === '6 pictures');
      await page.reload();
      await page.waitForFunction(() => document.querySelector('.total')?.textContent === '6 pictures');
    });

    it('opens an entry by its hash, and look-alikes by a dHash, in capitals too', async () => {
      const page = await open('/');
      const search = async (text: string) => {
        await page.keyboard.press('/');
        await page.locator('.search-box input').fill(text);
        await page.keyboard.press('Enter');
      };
      await search(CHELSEA.toUpperCase());
      await page.waitForSelector('h1:has-text("35-chelsea.png")');
      const hash = await page.locator('.facts code').nth(1).textContent();
      await search(hash!.toUpperCase());
      await page.waitForSelector('.result');
      expect(await page.locator('.result .name').allTextContents()).toContain('35-chelsea.png');
    });
  });

  describe('a picture that is dropped', () => {
    const uploads = (page: Page) => {
      const sent: string[] = [];
      page.on('request', (asked) => {
        const type = asked.headers()['content-type'] ?? '';
        if (type.startsWith('multipart/')) sent.push(asked.url());
      });
      return sent;
    };

    it('is sent once, shows its look-alikes in both services and as one, and the slider asks nobody again', async () => {
      const page = await open('/');
      await waitForPictures(page);
      const sent = uploads(page);
      await drop(page, ['derived/chelsea-watermark.jpg']);
      await page.waitForSelector('.column:nth-child(1) .result');
      await page.waitForSelector('.column:nth-child(2) .result');
      await waitForPictures(page, '.result img');
      await shot(page, 'dropped');
      const numbers = () => page.locator('.column:nth-child(1) .numbers').allTextContents();
      expect((await numbers())[0]).toBe('0 of 64 bits differ');
      expect(await page.locator('.column:nth-child(2) .name').first().textContent()).toBe(CHELSEA);
      expect(sent).toHaveLength(1);
      const before = (await numbers()).length;
      await page.locator('.distance input').fill('0');
      await page.waitForFunction(
        (count) => document.querySelectorAll('.column:nth-child(1) .result').length < count,
        before,
      );
      for (const number of await numbers()) expect(number).toBe('0 of 64 bits differ');
      expect(new URL(page.url()).searchParams.get('distance')).toBe('0');
      await press(page, page.getByLabel('Both as one'));
      await page.waitForSelector('h2:has-text("each picture once")');
      await page.waitForSelector('.result');
      expect(sent).toHaveLength(1);
      await page.goBack();
      await waitForPictures(page);
    });

    it('is stored only when that is asked for, in imgcache and in a collection', async () => {
      const page = await open('/similar');
      const chooser = page.waitForEvent('filechooser');
      await press(page, page.getByRole('button', { name: 'Choose a picture' }));
      await (await chooser).setFiles(pathOf('odd/alpha.png'));
      await page.waitForSelector('text=Nothing is stored until you say so.');
      await page.waitForFunction(() => !document.querySelector('.column[aria-busy="true"]'));
      const { blake2b256 } = golden('odd/alpha.png');
      expect(await hasEntry(blake2b256)).toBe(false);
      await press(page, page.getByRole('button', { name: 'Both' }));
      await page.getByLabel('Where it is from').fill('https://pictures.example/alpha.png');
      await press(page, page.getByRole('button', { name: 'Store', exact: true }));
      await press(page, page.getByRole('button', { name: 'Open' }));
      await page.waitForSelector('h1:has-text("alpha.png")');
      expect(await hasEntry(blake2b256)).toBe(true);
      await page.waitForSelector('.plain-list a');
    });
  });

  describe('one picture', () => {
    it('is zoomed and moved by the mouse and by keys, with all that is known of it beside', async () => {
      const page = await open(`/entries/${CHELSEA}`);
      await page.waitForSelector('.viewer img');
      await waitForPictures(page, '.viewer img');
      await page.waitForSelector('.result');
      await shot(page, 'detail');
      const facts = await page.locator('.facts').textContent();
      for (const fact of [
        '451 × 300',
        'image/png',
        'photographer',
        CHELSEA,
        'https://pictures.example/photos/35-chelsea.png',
      ])
        expect(facts).toContain(fact);
      const box = (await page.locator('.viewer .frame').boundingBox())!;
      const place = { x: box.x + box.width / 2 + 40, y: box.y + box.height / 2 };
      await page.mouse.dblclick(place.x, place.y);
      const transform = () =>
        page.locator('.viewer img').evaluate((image) => (image as HTMLElement).style.transform);
      await expect.poll(transform).toContain('scale(3.375)');
      const before = await transform();
      await page.mouse.move(place.x, place.y);
      await page.mouse.down();
      await page.mouse.move(place.x - 60, place.y + 30, { steps: 4 });
      await page.mouse.up();
      await expect.poll(transform).not.toBe(before);
      await page.keyboard.press('0');
      await expect.poll(transform).toContain('scale(1)');
      await page.keyboard.press('+');
      await expect.poll(() => page.getByLabel('Zoom', { exact: true }).textContent()).toBe('150 %');
      const href = await page.getByText('Open in GraphiQL').locator('..').getAttribute('href');
      expect(new URL(href!, gateway.url).searchParams.get('query')).toContain('query Entry(');
    });

    it('is deleted when nobody undoes it, and not before', async () => {
      const { blake2b256 } = golden('derived/picos-q30.jpg');
      const page = await open(`/entries/${blake2b256}`);
      await page.waitForSelector('.viewer');
      await press(page, page.getByRole('button', { name: 'Delete' }));
      await page.waitForSelector('text=There is no bin.');
      await waitForPictures(page);
      expect(await page.locator('.grid').getByAltText('picos-q30.jpg').count()).toBe(0);
      expect(await hasEntry(blake2b256)).toBe(true);
      await page.keyboard.press('Control+z');
      await page.waitForSelector('text=Nothing was deleted.');
      expect(await hasEntry(blake2b256)).toBe(true);
      await page.goBack();
      await page.waitForSelector('.viewer');
      await page.keyboard.press('Delete');
      await page.waitForSelector('text=There is no bin.');
      // Leaving the page does it at once.
      await page.goto('about:blank');
      await expect.poll(() => hasEntry(blake2b256)).toBe(false);
    });
  });

  it('keeps what is entered as soon as there is a field', async () => {
    const { data } = await gateway.graphql(
      'mutation { createCollection(input: { name: "Dogs" }) { ... on CreateCollectionSuccess { collection { collectionId } } } }',
    );
    const page = await open('/');
    await page.addInitScript(typeAtOnce, 'CHELSEA');
    await page.reload();
    await waitForPictures(page);
    expect(await page.locator('.search-box input').inputValue()).toBe('CHELSEA');
    await page.locator('.cell a').first().focus();
    const chosen = page.evaluate(chooseLastAtOnce);
    await page.keyboard.press('c');
    expect(await chosen).not.toBe('');
    await page.getByRole('button', { name: 'Add', exact: true }).click({ trial: true });
    expect(await page.getByRole('combobox', { name: 'Collection' }).inputValue()).toBe(await chosen);
    await gateway.graphql(
      'mutation ($input: DeleteCollectionInput!) { deleteCollection(input: $input) { __typename } }',
      { input: { collectionId: data.createCollection.collection.collectionId, confirmName: 'Dogs' } },
    );
  });

  it('makes, fills, renames and deletes a collection', async () => {
    const page = await open('/collections');
    await page.waitForSelector('.collection-card img');
    await press(page, page.getByRole('button', { name: 'New collection' }));
    await page.getByLabel('Name', { exact: true }).fill('Cats');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2:has-text("Keys of Cats")');
    expect(await page.locator('dialog code').count()).toBe(1);
    await press(page, page.getByRole('button', { name: 'Show' }));
    expect(await page.locator('dialog code').count()).toBe(2);
    await page.keyboard.press('Escape');
    await page.waitForSelector('h1:has-text("Cats")');
    await drop(page, ['derived/chelsea-q30.jpg', 'derived/chelsea-crop10.jpg'], DROP_TARGETS.collection);
    await page.waitForSelector('text=Added 2 pictures to Cats.');
    await waitForPictures(page);
    await page.goto(`${gateway.url}/?q=photos/35-chelsea`);
    await waitForPictures(page);
    await page.locator('.cell a').focus();
    await page.keyboard.press('x');
    await page.waitForSelector('text=1 picture marked');
    await page.keyboard.press('c');
    await page.getByRole('combobox', { name: 'Collection' }).selectOption({ label: 'Cats' });
    await press(page, page.getByRole('button', { name: 'Add', exact: true }));
    await press(page, page.getByRole('button', { name: 'Open' }));
    await page.waitForFunction(() => document.querySelectorAll('.cell').length === 3);
    await page.locator('.cell a').first().focus();
    await page.keyboard.press('Control+a');
    await page.waitForSelector('text=3 pictures marked');
    await page.keyboard.press('Delete');
    await page.waitForSelector('text=Takes away 3 pictures');
    await press(page, page.getByRole('button', { name: 'Undo' }));
    await page.waitForFunction(() => document.querySelectorAll('.cell').length === 3);
    await press(page, page.locator('summary', { hasText: 'Manage' }));
    await press(page, page.getByRole('button', { name: 'Rename…' }));
    await page.getByLabel('Name', { exact: true }).fill('Chelsea');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Chelsea")');
    await press(page, page.locator('summary', { hasText: 'Manage' }));
    await press(page, page.getByRole('button', { name: 'Delete…' }));
    const confirm = page.getByRole('button', { name: 'Delete for good' });
    await page.getByLabel('Its name').fill('Chels');
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel('Its name').fill('Chelsea');
    await press(page, confirm);
    await page.waitForFunction(() => document.querySelectorAll('.collection-card').length === 1);
  });

  it('imports many: what imgcache has is not sent, what fails is told, and all of it is in the report', async () => {
    const page = await open('/import');
    const sent: string[] = [];
    page.on('request', (asked) => {
      if (asked.headers()['content-type']?.startsWith('multipart/')) sent.push(asked.url());
    });
    const chooser = page.waitForEvent('filechooser');
    await press(page, page.getByRole('button', { name: 'Choose pictures' }));
    await (await chooser).setFiles(['photos/35-chelsea.png', 'odd/cmyk.jpg', 'README.md'].map(pathOf));
    await page.getByLabel('Address in front of each path').fill('https://pictures.example/import/');
    await press(page, page.getByRole('button', { name: 'Import', exact: true }));
    await page.waitForSelector('text=1 stored, 1 there already, 1 failed');
    await shot(page, 'import');
    expect(sent.length).toBe(2);
    expect(await page.locator('.problems').textContent()).toContain('README.md');
    const { data } = await gateway.graphql(
      '{ entryByUrl(url: "https://pictures.example/import/cmyk.jpg") { contentHash } }',
    );
    expect(data.entryByUrl.contentHash).toBe(golden('odd/cmyk.jpg').blake2b256);
    expect(await accessibilityFaults(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await press(page, page.getByRole('button', { name: 'Report as CSV' }));
    const report = readFileSync(await (await download).path(), 'utf8');
    expect(report).toContain(`"cmyk.jpg","stored","${golden('odd/cmyk.jpg').blake2b256}"`);
    expect(report.trim().split('\r\n')).toHaveLength(4);
  });

  it('works on a phone by touch, in one column with its parts at the bottom', async () => {
    const page = await open('/', PHONE);
    await waitForPictures(page);
    await shot(page, 'phone');
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([390, 390]);
    await page.touchscreen.tap(200, 400);
    await page.waitForSelector('.viewer');
    await waitForPictures(page, '.viewer img');
    await shot(page, 'phone-detail');
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([390, 390]);
    await page.getByRole('link', { name: 'Collections' }).tap();
    await page.waitForSelector('.collection-card img');
    const bar = (await page.locator('.sections').boundingBox())!;
    expect(bar.y + bar.height).toBe(844);
  });

  it('shows its keys, and gives the focus back', async () => {
    const page = await open('/');
    await waitForPictures(page);
    await page.locator('.cell a').nth(2).focus();
    await page.keyboard.press('?');
    await page.waitForSelector('dialog h2:has-text("Keys")');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'));
    expect(await page.evaluate(() => document.activeElement?.closest('.cell') !== null)).toBe(true);
  });

  it('works below a path of its host, at each of its addresses', async () => {
    const proxy = await startProxy(gateway.url, '/pictures/lookalike');
    proxies.push(proxy);
    const page = await open(`${proxy.url}/collections/${collectionId}`);
    await waitForPictures(page);
    await press(page, page.locator('.brand'));
    await waitForPictures(page);
    expect(page.url()).toBe(`${proxy.url}/`);
    await press(page, page.locator('.cell a').first());
    await waitForPictures(page, '.viewer img');
  });

  it.each([
    ['light and wide', WIDE],
    ['dark on a phone', { ...PHONE, colorScheme: 'dark' as const }],
  ])('has nothing that axe finds wrong, %s', async (name, options) => {
    const page = await open('/', options);
    const found: Record<string, string[]> = {};
    const check = async (what: string, ready: string) => {
      await page.waitForSelector(ready);
      await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
      found[what] = await accessibilityFaults(page);
    };
    await check('list', '.grid img');
    await press(page, page.locator('summary', { hasText: 'Size' }));
    await check('menu', '.menu[open]');
    await page.goto(`${gateway.url}/entries/${CHELSEA}`);
    await check('entry', '.result');
    await page.goto(`${gateway.url}/similar?to=${CHELSEA}`);
    await check('look-alikes', '.result');
    if (name.startsWith('dark')) await shot(page, 'dark');
    await page.goto(`${gateway.url}/collections`);
    await check('collections', '.collection-card img');
    await page.goto(`${gateway.url}/collections/${collectionId}`);
    await check('collection', '.grid img');
    await page.keyboard.press('?');
    await check('dialog', 'dialog[open]');
    await page.goto(`${gateway.url}/similar`);
    await check('nothing chosen', '.nothing');
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((what) => [what, []])));
  });
});
