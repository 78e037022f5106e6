import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf, openPage } from './chromium.js';

const TILES = 50;

/**
 * Opens the gallery as somebody who was never here.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @returns {Promise<number>} how long until 50 pictures were painted, in milliseconds from the start of the navigation
 */
export async function firstPaint(browser, url) {
  const page = await openPage(browser);
  await page.addInitScript((tiles) => {
    const look = () => {
      const images = [...document.querySelectorAll('.cell img')];
      const seen = images.filter(
        (image) =>
          image.complete && image.naturalWidth > 0 && image.getBoundingClientRect().top < innerHeight,
      );
      // A frame later they are on the screen.
      if (seen.length >= tiles)
        requestAnimationFrame(() => Object.assign(window, { painted: performance.now() }));
      else requestAnimationFrame(look);
    };
    look();
  }, TILES);
  await page.goto(`${url}/`);
  const painted = await (await page.waitForFunction(() => window.painted)).jsonValue();
  await page.context().close();
  return painted;
}

/**
 * Scrolls through all pictures by the wheel.
 *
 * @param {import('playwright-core').Browser} browser without any other page
 * @param {string} url
 * @param {number} count of pictures
 * @returns {Promise<{ seconds: number, before: number, after: number, scripts: number }>} memory in bytes
 */
export async function scrollToEnd(browser, url, count) {
  const page = await openPage(browser);
  await page.goto(`${url}/`);
  await page.waitForSelector('.cell img');
  await page.mouse.move(800, 500);
  await sleep(1000);
  const { all: before } = await memoryOf(page);
  const start = performance.now();
  for (let height = 0; ; ) {
    await page.mouse.wheel(0, 1_000_000);
    const state = await page.waitForFunction((known) => {
      const grid = document.querySelector('.grid');
      const isWhole = grid.getAttribute('aria-rowcount') !== '-1';
      return (isWhole || grid.clientHeight > known) && { isWhole, height: grid.clientHeight };
    }, height);
    const { isWhole, height: now } = await state.jsonValue();
    if (isWhole) break;
    height = now;
  }
  const seconds = (performance.now() - start) / 1000;
  await page.mouse.wheel(0, 1_000_000);
  // Its address is that of the first entry that there ever was.
  await page.waitForSelector('.cell a[title^="https://example.org/bench/0.jpg"]');
  const cells = await page.locator('.cell').count();
  if (cells >= Math.min(count, 1000)) throw new Error(`The page holds ${cells} pictures at once.`);
  await sleep(1000);
  const { all: after, scripts } = await memoryOf(page);
  await page.context().close();
  return { seconds, before, after, scripts };
}

/**
 * Drops a picture on the page, and waits for what looks like it.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {string} path of the picture
 * @returns {Promise<number>} from the drop to the paint of the first look-alike, in milliseconds
 */
export async function dropPicture(browser, url, path) {
  const page = await openPage(browser);
  await page.goto(`${url}/`);
  await page.waitForSelector('.cell img');
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    const look = () => {
      const image = document.querySelector('.column .result img');
      if (image?.complete && image.naturalWidth > 0)
        requestAnimationFrame(() => Object.assign(window, { found: performance.now() }));
      else requestAnimationFrame(look);
    };
    addEventListener('drop', () => Object.assign(window, { dropped: performance.now() }), { capture: true });
    look();
  });
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
  const took = await (
    await page.waitForFunction(() => window.found && window.found - window.dropped)
  ).jsonValue();
  await page.context().close();
  return took;
}
