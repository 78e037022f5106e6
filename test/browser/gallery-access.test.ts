import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Gallery, startGallery } from '../harness/gallery-gateway.js';
import { photographs } from '../harness/gateway.js';
import { describeInChromium } from './chromium.js';
import { accessibilityFaults, drop, waitForPictures } from './gallery-page.js';
import { type OpenPage, openPage, press } from './page.js';

const NAMES = [...photographs().slice(0, 6), 'derived/fig-q30.jpg', 'derived/fig-resize50.jpg'];
const READ_KEY = 'read-key-of-the-gallery';
const OTHER_WRITE_KEY = 'other-write-key-of-the-gallery';

describeInChromium('the gallery with keys, and with a VisualSnoop that is dead', (browser) => {
  let gallery: Gallery;
  const opened: OpenPage[] = [];

  beforeAll(async () => {
    gallery = await startGallery(NAMES, '', [`read:${READ_KEY}`, `write:${OTHER_WRITE_KEY}`]);
  });
  afterAll(() => gallery?.close());
  afterEach(async () => {
    for (const { foreign, close } of opened.splice(0)) {
      await close();
      expect(foreign).toEqual([]);
    }
  });

  const home = () => gallery.graph.replace('graphql', '');
  async function open(path = ''): Promise<OpenPage> {
    const page = await openPage(browser(), home() + path, { viewport: { width: 1280, height: 860 } });
    opened.push(page);
    return page;
  }
  async function enter(page: Page, key: string) {
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.keyboard.press('Enter');
  }
  const keptIn = (page: Page) =>
    page.evaluate(() => ({ tab: JSON.stringify(sessionStorage), device: JSON.stringify(localStorage) }));

  it('asks for a key before it asks the gateway, says that one is not valid, and shows pictures with one that is', async () => {
    const { page, complaints } = await open('?q=pictures');
    await page.waitForSelector('text=This gateway answers those who have a key.');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await enter(page, 'no-key-of-the-gallery');
    await page.waitForSelector('text=That key is not valid.');
    complaints.splice(0); // Browsers tell each refusal.
    await enter(page, READ_KEY);
    await waitForPictures(page);
    expect(page.url()).toBe(`${home()}?q=pictures`);
    const { tab, device } = await keptIn(page);
    expect([tab.includes(READ_KEY), device.includes(READ_KEY)]).toEqual([true, false]);
    await page.reload();
    await waitForPictures(page);
    expect(complaints).toEqual([]);
  });

  it('remembers a key on the device where that is asked for, until the reader leaves', async () => {
    const { page } = await open();
    await page.getByLabel('Remember it on this device').check();
    await enter(page, READ_KEY);
    await waitForPictures(page);
    expect((await keptIn(page)).device).toContain(READ_KEY);
    await press(page, page.getByLabel('More'));
    await press(page, page.getByRole('button', { name: 'Leave' }));
    await page.waitForSelector('text=You have left.');
    const { tab, device } = await keptIn(page);
    expect([tab.includes(READ_KEY), device.includes(READ_KEY)]).toEqual([false, false]);
  });

  it('says why a key that only reads cannot delete', async () => {
    const { page } = await open(`entries/${gallery.smallestFirst[0]}`);
    await enter(page, READ_KEY);
    await waitForPictures(page, '.viewer img');
    const button = page.getByRole('button', { name: 'Delete' });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('button')]
        .find((each) => each.textContent === 'Delete')
        ?.title.includes('may only read'),
    );
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.toast:has-text("may only read")');
  });

  it('shows duplicates while VisualSnoop is dead, to be decided of with a key that may write', async () => {
    const { page, complaints } = await open('duplicates');
    await enter(page, READ_KEY);
    await waitForPictures(page, '.group img');
    await press(page, page.locator('.group a'));
    await waitForPictures(page, '.layer img');
    await page.waitForSelector('.verdicts button[title*="may only read"]');
    await page.keyboard.press('n');
    await page.waitForSelector('.toast:has-text("may only read")');
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, page.getByLabel('More'));
    await press(page, page.getByRole('button', { name: 'Leave' }));
    await enter(page, OTHER_WRITE_KEY);
    await waitForPictures(page, '.layer img');
    await page.waitForSelector('.verdicts button[aria-disabled="false"]');
    await page.keyboard.press('n');
    await page.waitForSelector('text=No duplicates to decide');
    await page.waitForSelector('.toast:has-text("Decided.")');
    await page.keyboard.press('Control+z');
    await waitForPictures(page, '.group img');
    expect(complaints).toEqual([]);
  });

  it('shows what imgcache found while VisualSnoop is dead, which has a line of its own and a button to retry', async () => {
    const { page, complaints } = await open();
    await enter(page, READ_KEY);
    await waitForPictures(page);
    await drop(page, [NAMES[0]!]);
    await page.waitForSelector('.column:nth-child(1) .result');
    const failure = page.locator('.column:nth-child(2) .failure');
    await failure.waitFor();
    expect(await failure.textContent()).toContain('VisualSnoop gave no answer.');
    const asked = page.waitForRequest((request) => request.method() === 'POST');
    await press(page, failure.getByRole('button', { name: 'Retry' }));
    await asked;
    await failure.waitFor();
    expect(await page.locator('.column:nth-child(1) .result').count()).toBeGreaterThan(0);
    await press(page, page.getByRole('link', { name: 'Collections' }));
    await page.waitForSelector('text=The collections cannot be read.');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
