import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { golden, startGateway, type TestGateway } from '../harness/gateway.js';
import { hasChromium, launchChromium } from './chromium.js';
import { accessibilityFaults, fill, PHONE, WIDE, waitForPictures } from './gallery-page.js';
import { type OpenPage, openPage, press, startProxy } from './page.js';

const TITLE = hasChromium
  ? 'the duplicates of the gallery'
  : 'the duplicates of the gallery (skipped: no Chromium here; apt-get install chromium, or set CHROMIUM)';

const SHOTS = process.env.GALLERY_SHOTS ?? '.cache';
const GROUPS = `query ($state: DuplicateState!, $likeness: Likeness!) {
  duplicateGroups(state: $state, likeness: $likeness, first: 100) {
    totalCount
    nodes { id decision { id verdict keptHashes } members { isSuggestedKeep entry { contentHash } } }
  }
}`;

interface Group {
  id: string;
  decision: { id: string; verdict: string; keptHashes: string[] } | null;
  members: { isSuggestedKeep: boolean; entry: { contentHash: string } }[];
}

describe.skipIf(!hasChromium)(TITLE, () => {
  let gateway: TestGateway;
  let browser: Browser;
  const opened: OpenPage[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    gateway = await startGateway();
    await fill(gateway);
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
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
    const page = await openPage(browser, path.startsWith('http') ? path : gateway.url + path, options);
    opened.push(page);
    // Sooner than the test's, so that it is told what was waited for.
    page.page.setDefaultTimeout(12_000);
    return page.page;
  }
  const shot = (page: Page, name: string) => page.screenshot({ path: `${SHOTS}/duplicates-${name}.png` });
  async function groups(state = 'OPEN', likeness = 'NEARLY_CERTAIN'): Promise<Group[]> {
    const { data } = await gateway.graphql(GROUPS, { state, likeness });
    return data.duplicateGroups.nodes;
  }
  async function openGroup(at = 0, options?: BrowserContextOptions): Promise<{ page: Page; group: Group }> {
    const group = (await groups())[at]!;
    const page = await open(`/duplicates/${group.id}`, options);
    await waitForPictures(page, '.layer img');
    return { page, group };
  }

  it('shows', async () => {
    const page = await open('/duplicates');
    await waitForPictures(page, '.group img');
    await shot(page, 'list');
    await press(page, page.locator('.group a').first());
    await waitForPictures(page, '.layer img');
    await shot(page, 'side');
    for (const way of ['Flip', 'Slider', 'Difference']) {
      await press(page, page.getByLabel(way, { exact: true }));
      await shot(page, way.toLowerCase());
    }
    const dark = await openGroup(1, { ...WIDE, colorScheme: 'dark' });
    await shot(dark.page, 'dark');
    const phone = await openGroup(1, PHONE);
    await shot(phone.page, 'phone');
    await phone.page.screenshot({ path: `${SHOTS}/duplicates-phone-full.png`, fullPage: true });
    await phone.page.goto(`${gateway.url}/duplicates`);
    await waitForPictures(phone.page, '.group img');
    await shot(phone.page, 'phone-list');
  });
});
