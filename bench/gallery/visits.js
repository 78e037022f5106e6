import { openPage } from './chromium.js';

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
