import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { describeInChromium } from './chromium.js';
import { DROP_TARGETS, dropPaths, fill, PHONE, pathOf, WIDE, waitForPictures } from './gallery-page.js';
import { type OpenPage, openPage, press } from './page.js';

const CHELSEA = golden('photos/35-chelsea.png').blake2b256;

interface Finger {
  x: number;
  y: number;
  id: number;
}

describeInChromium('what the gallery is given by other ways than presses', (browser) => {
  let gateway: TestGateway;
  const opened: OpenPage[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'));

  beforeAll(async () => {
    gateway = await startGateway();
    await fill(gateway);
  });
  afterAll(async () => {
    await gateway?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const { foreign, complaints, close } of opened.splice(0)) {
      await close();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  async function open(path: string, options: BrowserContextOptions = WIDE): Promise<Page> {
    const page = await openPage(browser(), gateway.url + path, options);
    opened.push(page);
    return page.page;
  }

  describe('a picture in the clipboard', () => {
    /** Puts a picture where another program would: into the clipboard of the browser. */
    async function copy(page: Page, name: string): Promise<void> {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.evaluate(async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        await navigator.clipboard.write([
          new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) }),
        ]);
      }, picture(name).toString('base64'));
    }

    it('is pasted by Ctrl+V on any view, and its look-alikes are shown', async () => {
      const page = await open('/collections');
      await page.waitForSelector('.collection-card img');
      await copy(page, 'photos/35-chelsea.png');
      await page.keyboard.press('Control+v');
      await page.waitForURL('**/similar?picture=*');
      await page.waitForSelector('.column:nth-child(1) .result');
      await waitForPictures(page, '.subject img');
      const { naturalWidth, naturalHeight } = await page
        .locator('.subject img')
        .evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => ({ naturalWidth, naturalHeight }));
      expect([naturalWidth, naturalHeight]).toEqual([451, 300]);
      // Browsers paste a picture encoded anew: its bytes are others, and its pixels the same.
      expect(await page.locator('.column:nth-child(1) .numbers').first().textContent()).toBe(
        '0 of 64 bits differ',
      );
      expect(await page.locator('.column:nth-child(2) .name').first().textContent()).toBe(CHELSEA);
      await page.goBack();
      await page.waitForSelector('.collection-card img');
    });

    it('is pasted while a field has the focus, which a text is pasted into', async () => {
      const page = await open('/');
      await waitForPictures(page);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.evaluate(() => navigator.clipboard.writeText('chelsea'));
      await page.keyboard.press('/');
      await page.keyboard.press('Control+v');
      expect(await page.locator('.search-box input').inputValue()).toBe('chelsea');
      await copy(page, 'photos/35-chelsea.png');
      await page.keyboard.press('Control+v');
      await page.waitForURL('**/similar?picture=*');
      await page.waitForSelector('.column:nth-child(1) .result');
    });
  });

  describe('two fingers', () => {
    async function touch(
      session: CDPSession,
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      fingers: Finger[],
    ) {
      await session.send('Input.dispatchTouchEvent', { type, touchPoints: fingers });
    }

    /** Two fingers that come down one after the other, go apart or together in steps, and leave. */
    async function pinch(
      page: Page,
      from: readonly [Finger, Finger],
      to: readonly [Finger, Finger],
    ): Promise<void> {
      const session = await page.context().newCDPSession(page);
      await touch(session, 'touchStart', [from[0]]);
      await page.waitForTimeout(30);
      await touch(session, 'touchStart', [...from]);
      for (let step = 1; step <= 10; step++) {
        const at = (index: 0 | 1) => ({
          id: from[index].id,
          x: from[index].x + ((to[index].x - from[index].x) * step) / 10,
          y: from[index].y + ((to[index].y - from[index].y) * step) / 10,
        });
        await touch(session, 'touchMove', [at(0), at(1)]);
        await page.waitForTimeout(16);
      }
      await touch(session, 'touchEnd', [to[1]]);
      await touch(session, 'touchEnd', []);
      await session.detach();
    }
    const fingersAt = (x: number, y: number, dx: number, dy: number): readonly [Finger, Finger] => [
      { id: 0, x: x - dx, y: y - dy },
      { id: 1, x: x + dx, y: y + dy },
    ];
    const scalesOf = (page: Page, selector: string) =>
      page
        .locator(selector)
        .evaluateAll((all) =>
          all.map((each) => Number(/scale\(([\d.]+)\)/.exec((each as HTMLElement).style.transform)?.[1])),
        );

    it.each([
      ['across', 1, 0],
      ['up and down', 0, 1],
      ['aslant', 0.7, 0.7],
    ])('zoom the picture and not the page, going apart %s', async (_way, right, down) => {
      const page = await open(`/entries/${CHELSEA}`, PHONE);
      await waitForPictures(page, '.viewer img');
      const frame = (await page.locator('.viewer .frame').boundingBox())!;
      const [x, y] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
      const [near, far] = [fingersAt(x, y, 30 * right, 30 * down), fingersAt(x, y, 120 * right, 120 * down)];
      await pinch(page, near, far);
      const [scale] = await scalesOf(page, '.viewer img');
      expect(scale).toBeGreaterThan(3.5);
      expect(scale).toBeLessThan(4.5);
      expect(await page.evaluate(() => [visualViewport?.scale, scrollY])).toEqual([1, 0]);
      await pinch(page, far, near);
      expect((await scalesOf(page, '.viewer img'))[0]).toBeLessThan(1.3);
    });

    it('zoom both pictures of a comparison, and one finger moves both', async () => {
      const query = '{ duplicateGroups(first: 1) { nodes { id } } }';
      const { data } = await gateway.graphql(query);
      const page = await open(`/duplicates/${data.duplicateGroups.nodes[0].id}`, PHONE);
      await waitForPictures(page, '.layer img');
      const frame = (await page.locator('.pane .frame').first().boundingBox())!;
      const [x, y] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
      await pinch(page, fingersAt(x, y, 25, 25), fingersAt(x, y, 75, 75));
      const scales = await scalesOf(page, '.layer img');
      expect(scales[0]).toBeGreaterThan(2.5);
      expect(scales[1]).toBe(scales[0]);
      const transforms = () =>
        page
          .locator('.layer img')
          .evaluateAll((all) => all.map((each) => (each as HTMLElement).style.transform));
      const before = await transforms();
      const session = await page.context().newCDPSession(page);
      await touch(session, 'touchStart', [{ id: 0, x, y }]);
      for (let step = 1; step <= 5; step++)
        await touch(session, 'touchMove', [{ id: 0, x: x - 8 * step, y: y + 5 * step }]);
      await touch(session, 'touchEnd', []);
      await session.detach();
      const after = await transforms();
      expect(after[0]).not.toBe(before[0]);
      expect(after[1]).toBe(after[0]);
      expect(await page.evaluate(() => scrollY)).toBe(0);
    });

    it('leave one finger to scroll the page where nothing is enlarged', async () => {
      const page = await open(`/entries/${CHELSEA}`, PHONE);
      await waitForPictures(page, '.viewer img');
      await page.waitForSelector('.result');
      const session = await page.context().newCDPSession(page);
      await touch(session, 'touchStart', [{ id: 0, x: 200, y: 400 }]);
      for (let step = 1; step <= 10; step++) {
        await touch(session, 'touchMove', [{ id: 0, x: 200, y: 400 - 25 * step }]);
        await page.waitForTimeout(16);
      }
      await touch(session, 'touchEnd', []);
      await session.detach();
      await page.waitForFunction(() => scrollY > 100);
    });
  });

  describe('a folder that is dropped', () => {
    beforeAll(() => {
      mkdirSync(join(folder, 'album/below/.hidden'), { recursive: true });
      cpSync(pathOf('odd/cmyk.jpg'), join(folder, 'album/cmyk.jpg'));
      cpSync(pathOf('photos/35-chelsea.png'), join(folder, 'album/below/chelsea é.png'));
      cpSync(pathOf('photos/36-coffee.png'), join(folder, 'album/below/.hidden/coffee.png'));
      writeFileSync(join(folder, 'album/.DS_Store'), 'no picture');
      // More than Chromium tells of a folder at once.
      mkdirSync(join(folder, 'many'));
      for (let number = 0; number < 230; number++)
        writeFileSync(join(folder, `many/${number}.txt`), `${number}`);
    });

    it('gives all its pictures to the import, with their places in it, and hidden ones not', async () => {
      const page = await open('/');
      await waitForPictures(page);
      await dropPaths(page, [join(folder, 'album')]);
      await page.waitForURL('**/import');
      await page.waitForSelector('text=0 of 2 files');
      await page.getByLabel('Address in front of each path').fill('https://pictures.example/dropped/');
      await press(page, page.getByRole('button', { name: 'Import', exact: true }));
      await page.waitForSelector('text=1 stored, 1 there already, 0 failed');
      const { data } = await gateway.graphql(
        '{ entryByUrl(url: "https://pictures.example/dropped/album/cmyk.jpg") { contentHash } }',
      );
      expect(data.entryByUrl.contentHash).toBe(golden('odd/cmyk.jpg').blake2b256);
      const download = page.waitForEvent('download');
      await press(page, page.getByRole('button', { name: 'Report as CSV' }));
      expect((await download).suggestedFilename()).toBe('import.csv');
    });

    it('is taken whole, beside another one, on the page of the import too', async () => {
      const page = await open('/import');
      await page.waitForSelector('.picker');
      await dropPaths(page, [join(folder, 'many'), join(folder, 'album')], '.picker');
      await page.waitForSelector('text=0 of 232 files');
    });

    it('adds its pictures to the collection on whose page it is dropped', async () => {
      const { data } = await gateway.graphql(
        'mutation { createCollection(input: { name: "Folders" }) { ... on CreateCollectionSuccess { collection { collectionId } } } }',
      );
      const page = await open(`/collections/${data.createCollection.collection.collectionId}`);
      await page.waitForSelector('text=Nothing in it yet');
      await dropPaths(page, [join(folder, 'album')], DROP_TARGETS.collection);
      await page.waitForSelector('text=Added 2 pictures to Folders.');
      await waitForPictures(page);
    });
  });
});
