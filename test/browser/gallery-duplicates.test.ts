import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { golden, startGateway, type TestGateway } from '../harness/gateway.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { describeInChromium } from './chromium.js';
import { accessibilityFaults, fill, PHONE, WIDE, waitForPictures } from './gallery-page.js';
import { type OpenPage, openPage, type PageOptions, press, startProxy } from './page.js';

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

describeInChromium('the duplicates of the gallery', (browser) => {
  let gateway: TestGateway;
  const opened: OpenPage[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    gateway = await startGateway();
    await fill(gateway);
  });
  afterAll(async () => {
    await gateway?.close();
  });
  afterEach(async () => {
    for (const { foreign, complaints, close } of opened.splice(0)) {
      await close();
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  async function open(path: string, options: PageOptions = WIDE): Promise<Page> {
    const page = await openPage(browser(), path.startsWith('http') ? path : gateway.url + path, options);
    opened.push(page);
    return page.page;
  }
  const shot = (page: Page, name: string) => page.screenshot({ path: `${SHOTS}/duplicates-${name}.png` });
  async function groups(state = 'OPEN', likeness = 'NEARLY_CERTAIN'): Promise<Group[]> {
    const { data } = await gateway.graphql(GROUPS, { state, likeness });
    return data.duplicateGroups.nodes;
  }
  async function openGroup(at = 0, options?: PageOptions): Promise<{ page: Page; group: Group }> {
    const group = (await groups())[at]!;
    const page = await open(`/duplicates/${group.id}`, options);
    await waitForPictures(page, '.layer img');
    return { page, group };
  }

  describe('the list', () => {
    it('shows each group with how sure it is, which picture to keep and why, and its address holds what is listed', async () => {
      const page = await open('/');
      await waitForPictures(page);
      await press(page, page.getByRole('link', { name: 'Duplicates' }));
      await waitForPictures(page, '.group img');
      const all = await groups();
      await page.waitForSelector(`.total:text-is("${all.length} groups")`);
      expect(await page.locator('.group').count()).toBe(all.length);
      const astronaut = page.locator('.group', { hasText: '34-astronaut.png' });
      const words = (await astronaut.textContent())!;
      expect(words).toContain('5 pictures');
      expect(words).toContain('Nearly certain up to 4 of 64 bits differ');
      expect(words).toContain('Keep 34-astronaut.png: most pixels, lossless, largest file');
      await shot(page, 'list');
      await press(page, page.getByLabel('Likely', { exact: true }));
      const likely = await groups('OPEN', 'LIKELY');
      const listed = () =>
        page
          .locator('.group a')
          .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname));
      const pathsOf = (some: Group[]) => some.map(({ id }) => `/duplicates/${id}`);
      expect(pathsOf(likely)).not.toEqual(pathsOf(all));
      await expect.poll(listed).toEqual(pathsOf(likely));
      expect(new URL(page.url()).search).toBe('?likeness=LIKELY');
      await page.reload();
      await expect.poll(listed).toEqual(pathsOf(likely));
      await page.goBack();
      await expect.poll(listed).toEqual(pathsOf(all));
    });

    it('is walked by Tab and Enter, and Esc leads back from a group', async () => {
      const page = await open('/duplicates?likeness=LIKELY');
      await waitForPictures(page, '.group img');
      const href = await page.locator('.group a').first().getAttribute('href');
      for (let tab = 0; tab < 30; tab++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement?.matches('.group a'))) break;
      }
      await page.keyboard.press('Enter');
      await waitForPictures(page, '.layer img');
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(href);
      await page.keyboard.press('Escape');
      await waitForPictures(page, '.group img');
      expect(new URL(page.url()).search).toBe('?likeness=LIKELY');
      await page.goBack();
      await waitForPictures(page, '.layer img');
    });

    it('says how pictures come here where there are none', async () => {
      const empty = await startGateway();
      try {
        const page = await open(`${empty.url}/duplicates`);
        await page.waitForSelector('text=No duplicates to decide');
        expect(await accessibilityFaults(page)).toEqual([]);
        await press(page, page.getByRole('link', { name: 'Look for likely ones too' }));
        await page.waitForSelector('text=Look for possible ones too');
        await press(page, page.getByRole('link', { name: 'What was decided' }));
        await page.waitForSelector('text=Nothing decided yet');
        expect(await accessibilityFaults(page)).toEqual([]);
      } finally {
        await empty.close();
      }
    });
  });

  describe('a group', () => {
    const transforms = (page: Page) =>
      page
        .locator('.layer img')
        .evaluateAll((all) => all.map((each) => (each as HTMLElement).style.transform));
    const shown = (page: Page) =>
      page
        .locator('.layer img')
        .evaluateAll((all) =>
          all
            .filter((each) => getComputedStyle(each).visibility === 'visible')
            .map((each) => (each as HTMLImageElement).alt),
        );

    it('shows two pictures beside each other, enlarged and moved as one by the mouse', async () => {
      const { page } = await openGroup();
      await shot(page, 'side');
      const pane = (await page.locator('.pane .frame').first().boundingBox())!;
      const place = { x: pane.x + pane.width / 2 + 50, y: pane.y + pane.height / 2 - 20 };
      await page.mouse.dblclick(place.x, place.y);
      const [left, right] = await transforms(page);
      expect(left).toContain('scale(3.375)');
      expect(right).toBe(left);
      await page.mouse.down();
      await page.mouse.move(place.x - 40, place.y + 25, { steps: 4 });
      await page.mouse.up();
      const moved = await transforms(page);
      expect(moved[0]).not.toBe(left);
      expect(moved[1]).toBe(moved[0]);
      await page.keyboard.press('0');
      await page.keyboard.press('+');
      expect(await transforms(page)).toEqual(Array(2).fill('translate(0px, 0px) scale(1.5)'));
    });

    it('flips the two in one place by one key, shows them under a slider and as their difference, and keeps the way in the address', async () => {
      const { page } = await openGroup();
      const both = await shown(page);
      expect(both).toHaveLength(2);
      await page.keyboard.press('Space');
      await page.waitForSelector('.panes.flip');
      expect(await shown(page)).toEqual([both[0]]);
      await page.keyboard.press('Space');
      expect(await shown(page)).toEqual([both[1]]);
      await press(page, page.getByRole('button', { name: 'Flip' }));
      expect(await shown(page)).toEqual([both[0]]);
      await page.keyboard.press('f');
      expect(await shown(page)).toEqual([both[1]]);
      // The choice of a way has the focus then, and leaves the key to what was chosen.
      await press(page, page.getByLabel('Side by side', { exact: true }));
      await press(page, page.getByLabel('Flip', { exact: true }));
      await page.keyboard.press('Space');
      expect(await shown(page)).toEqual([both[0]]);
      await press(page, page.getByLabel('Slider', { exact: true }));
      const clip = () =>
        page
          .locator('.layer')
          .last()
          .evaluate((each) => getComputedStyle(each).clipPath);
      expect(await clip()).toBe('inset(0px 0px 0px 50%)');
      await page.keyboard.press('Tab');
      for (let time = 0; time < 5; time++) await page.keyboard.press('ArrowLeft');
      expect(await clip()).toBe('inset(0px 0px 0px 45%)');
      await shot(page, 'slider');
      await press(page, page.getByLabel('Difference', { exact: true }));
      await page.waitForSelector('.panes.difference');
      expect(new URL(page.url()).search).toBe('?view=difference');
      await page.reload();
      await page.waitForSelector('.panes.difference');
      await page.keyboard.press('j');
      await waitForPictures(page, '.layer img');
      expect(new URL(page.url()).search).toBe('?view=difference');
    });

    it('tells the facts that differ alone, and in words which is better', async () => {
      const at = (await groups()).findIndex(({ members }) =>
        members.some(({ entry }) => entry.contentHash === golden('photos/34-astronaut.png').blake2b256),
      );
      const { page } = await openGroup(at);
      const rows = () => page.locator('.differences tbody tr').allTextContents();
      const first = await rows();
      expect(first.some((row) => /^Typeimage\/png ?keeps every pixelimage\/jpeg$/.test(row))).toBe(true);
      expect(first.some((row) => row.startsWith('Size'))).toBe(false);
      expect(await page.locator('.differences + .hint').textContent()).toMatch(
        /\d of 64 bits differ\. The same: size, addresses\./,
      );
      // The last one has half as many pixels to each side.
      await press(page, page.getByRole('button', { name: /^Compare picture 5/ }));
      expect((await rows()).some((row) => /^Size512 × 512 ?more pixels256 × 256$/.test(row))).toBe(true);
      expect(new URL(page.url()).search).toBe('?pair=1-5');
      await page.keyboard.press('ArrowLeft');
      expect(new URL(page.url()).search).toBe('?pair=1-4');
      await page.keyboard.press('x');
      expect(new URL(page.url()).search).toBe('?pair=4-1');
      expect(await page.locator('.differences thead th').allTextContents()).toEqual(['Fact', '4', '1']);
      await page.keyboard.press('ArrowRight');
      await page.reload();
      await waitForPictures(page, '.layer img');
      expect(await page.locator('.differences thead th').allTextContents()).toEqual(['Fact', '4', '2']);
    });

    it('is there before the reader comes to it', async () => {
      const [, next] = await groups();
      const { page } = await openGroup();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`));
      await page.waitForLoadState('networkidle');
      asked.splice(0);
      await page.keyboard.press('j');
      await page.waitForURL(`**/duplicates/${next!.id}`);
      await waitForPictures(page, '.layer img');
      const large = next!.members.map(({ entry }) => `/thumbnails/${entry.contentHash}/1280.webp`);
      expect(asked.filter((each) => large.some((path) => each.includes(path)))).toEqual([]);
      expect(
        asked.filter((each) => each.includes('query DuplicateGroup(') && each.includes(next!.id)),
      ).toEqual([]);
      await page.keyboard.press('Backspace');
      await page.waitForURL(`**/duplicates/${(await groups())[0]!.id}`);
    });
  });

  it('works on a phone by touch, in one column with the verdicts within reach of the thumb', async () => {
    const { page, group } = await openGroup(1, PHONE);
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([390, 390]);
    await shot(page, 'phone');
    await page.getByLabel('Flip', { exact: true }).tap();
    await page.getByRole('button', { name: 'Flip' }).tap();
    await page.waitForSelector('.pane-caption:text("2 · ")');
    const bar = (await page.locator('.verdicts').boundingBox())!;
    const sections = (await page.locator('.sections').boundingBox())!;
    expect(bar.y + bar.height).toBeLessThanOrEqual(sections.y + 1);
    await page.getByRole('button', { name: /^Keep picture 1, delete/ }).tap();
    await page.waitForSelector('.toast:has-text("in 10 seconds")');
    await page.waitForURL((url) => !url.pathname.endsWith(group.id));
    // What can be undone does not lie above what is decided next.
    const toast = (await page.locator('.toast').boundingBox())!;
    expect(toast.y + toast.height).toBeLessThanOrEqual((await page.locator('.verdicts').boundingBox())!.y);
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).tap();
    await page.waitForURL(`**/duplicates/${group.id}?view=flip`);
    await page.getByRole('link', { name: 'All groups' }).tap();
    await waitForPictures(page, '.group img');
    await shot(page, 'phone-list');
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([390, 390]);
  });

  it('says what the gateway does not answer, and Retry brings it', async () => {
    const proxy = await startProxy(gateway.url, '/pictures');
    let page: Page;
    try {
      page = await open(`${proxy.url}/duplicates`);
      await waitForPictures(page, '.group img');
    } finally {
      proxy.close();
    }
    await press(page, page.getByLabel('Possible', { exact: true }));
    const failure = page.locator('.failure', {
      hasText: 'The groups cannot be read. The gateway does not answer.',
    });
    await failure.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const again = await startProxy(gateway.url, '/pictures', Number(new URL(proxy.url).port));
    try {
      await press(page, failure.getByRole('button', { name: 'Retry' }));
      await waitForPictures(page, '.group img');
    } finally {
      again.close();
    }
    await press(page, page.locator('.group a').last());
    await page.locator('.failure', { hasText: 'The group cannot be read.' }).waitFor();
    // Browsers tell each request that finds nobody.
    for (const { complaints } of opened)
      expect(complaints.splice(0).filter((each) => !each.includes('net::ERR_'))).toEqual([]);
  });

  it('says that an imgcache at an address makes no groups, whether it is alive or dead', async () => {
    const { imgcacheUrl } = loadConfig({ IMGCACHE_URL: 'http://127.0.0.1:1' });
    const remote = await startGateway({ imgcacheUrl });
    try {
      const page = await open(`${remote.url}/duplicates`);
      await page.waitForSelector('text=groups are made by the imgcache in the gateway alone');
      expect(await accessibilityFaults(page)).toEqual([]);
    } finally {
      await remote.close();
    }
  });

  it('shows how far the comparison is while the list is not complete', async () => {
    const before = await startGateway();
    await before.stop();
    fillHashes(before.dataDir, 40_000);
    const large = await startGateway({ dataDir: before.dataDir });
    try {
      const page = await open(`${large.url}/duplicates`);
      await page.waitForSelector(
        'text=/Groups of duplicates are not all made: \\d+ of 40000 entries are compared/',
      );
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.waitForSelector('.progress-line', { state: 'detached', timeout: PATIENCE_MS });
      await page.waitForSelector('.group');
    } finally {
      await large.close();
    }
  }, 120_000);

  it.each([
    ['light and wide', WIDE],
    ['dark on a phone', { ...PHONE, colorScheme: 'dark' as const }],
  ])('has nothing that axe finds wrong, %s', async (name, options) => {
    const { page } = await openGroup(0, options);
    const found: Record<string, string[]> = {};
    const check = async (what: string, ready: string) => {
      await page.waitForSelector(ready);
      found[what] = await accessibilityFaults(page);
    };
    await check('side by side', '.panes.side');
    if (name.startsWith('dark')) await shot(page, 'dark');
    for (const way of ['flip', 'slider', 'difference']) {
      await page.keyboard.press('0');
      await press(page, page.getByLabel(new RegExp(`^${way}$`, 'i')).first());
      await check(way, `.panes.${way}`);
    }
    await page.keyboard.press('?');
    await check('keys', 'dialog h3:has-text("In a group of duplicates")');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('a');
    await page.waitForSelector('.toast');
    await page.goBack();
    await page.waitForSelector('.verdicts >> text=Copies, and all of them stay.');
    await check('decided', '.verdicts');
    await press(page, page.locator('.verdicts').getByRole('button', { name: 'Undo' }));
    await page.waitForSelector('.verdicts >> text=Not duplicates');
    await page.goto(`${gateway.url}/duplicates`);
    await check('list', '.group img');
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((what) => [what, []])));
  });

  describe('a verdict', () => {
    // Each begins as the one before it did.
    afterEach(async () => {
      const undo =
        'mutation ($input: UndoDuplicateDecisionInput!) { undoDuplicateDecision(input: $input) { __typename } }';
      for (const { decision } of await groups('DECIDED'))
        await gateway.graphql(undo, { input: { decisionId: decision!.id } });
    });

    it('without a deletion is taken at once, shows the next group, and Ctrl+Z takes it back', async () => {
      const [first, second] = await groups();
      const { page } = await openGroup();
      await page.keyboard.press('n');
      await page.waitForURL(`**/duplicates/${second!.id}`);
      await page.waitForSelector('.toast:has-text("Decided. Nothing was deleted.")');
      expect((await groups('DECIDED')).map(({ decision }) => decision!.verdict)).toEqual(['NOT_DUPLICATES']);
      await page.keyboard.press('a');
      await expect.poll(async () => (await groups('DECIDED')).length).toBe(2);
      await page.waitForFunction(() => document.querySelectorAll('.toast').length === 2);
      await page.keyboard.press('Control+z');
      await page.waitForURL(`**/duplicates/${second!.id}`);
      await page.waitForSelector('.toast:has-text("Undone.")');
      expect((await groups('DECIDED')).map(({ decision }) => decision!.verdict)).toEqual(['NOT_DUPLICATES']);
      await page.keyboard.press('Control+z');
      await page.waitForURL(`**/duplicates/${first!.id}`);
      await page.waitForSelector('.verdicts >> text=Not duplicates');
      expect(await groups('DECIDED')).toEqual([]);
    });

    it('with a deletion can be undone until it is done, which is when the page is left at the latest', async () => {
      const [first] = await groups();
      const { page } = await openGroup();
      // The second is to be kept in place of the suggested one, and the third too.
      await page.keyboard.press('2');
      await page.keyboard.press('Shift+Digit3');
      const names = await page.locator('.member a').allTextContents();
      expect(
        await page
          .locator('.member input')
          .evaluateAll((all) => all.map((each) => (each as HTMLInputElement).checked)),
      ).toEqual([false, true, true, false, false, false]);
      await page.waitForSelector('.verdicts :text("Keep pictures 2, 3, delete 4 others")');
      await page.keyboard.press('k');
      await page.waitForSelector('.toast:has-text("Deletes 4 pictures in 10 seconds")');
      await page.goBack();
      await page.waitForSelector('.verdicts >> text=Deletes 4 pictures in a moment.');
      expect(await groups('DECIDED')).toEqual([]);
      await press(page, page.locator('.verdicts').getByRole('button', { name: 'Undo' }));
      await page.waitForSelector('.toast:has-text("Nothing was deleted.")');
      await page.waitForSelector('.verdicts >> text=Keep all');
      expect(await groups()).toContainEqual(first);
      // What was ticked is as it was.
      await page.keyboard.press('2');
      await page.keyboard.press('k');
      await page.waitForSelector('.toast:has-text("Deletes 5 pictures in 10 seconds")');
      await page.goto('about:blank');
      await expect.poll(async () => (await groups('DECIDED')).length).toBe(1);
      const [decided] = await groups('DECIDED');
      expect(decided!.members.map(({ entry }) => entry.contentHash)).toEqual(decided!.decision!.keptHashes);
      const { data } = await gateway.graphql(
        'query ($hash: ContentHash!) { entry(contentHash: $hash) { originalFilename urlCount } }',
        { hash: decided!.decision!.keptHashes[0] },
      );
      expect(data.entry).toEqual({ originalFilename: names[1]!.slice(4), urlCount: 6 });
    });

    it('is in the history, where it is undone later, and what it deleted is told', async () => {
      const before = await groups();
      const { page } = await openGroup(0, { ...WIDE, realTimers: true });
      await press(page, page.getByRole('button', { name: /^Keep all/ }));
      await page.waitForSelector('.toast:has-text("Decided. Nothing was deleted.")');
      await press(page, page.getByRole('button', { name: /^Keep picture 1, delete/ }));
      await page.waitForSelector('.toast:has-text("in 10 seconds")');
      await page.waitForSelector('.toast:has-text("in 10 seconds")', { state: 'detached' });
      await expect.poll(async () => (await groups('DECIDED')).length).toBe(2);
      await page.keyboard.press('Escape');
      await page.waitForSelector(`.total:text-is("${before.length - 2} groups")`);
      await press(page, page.getByLabel('Decided', { exact: true }));
      await page.waitForSelector('.total:text-is("2 decisions")');
      await page.reload();
      await waitForPictures(page, '.group img');
      await shot(page, 'history');
      expect(await accessibilityFaults(page)).toEqual([]);
      const row = page.locator('.group', { hasText: '1 picture kept, the others deleted.' });
      await press(page, row.getByRole('button', { name: 'Undo' }));
      await page.waitForSelector('.toast:has-text("4 pictures that it deleted stay deleted.")');
      await page.waitForSelector('.total:text-is("1 decision")');
      await press(page, page.locator('.group a'));
      await page.waitForSelector('.verdicts >> text=Copies, and all of them stay.');
      await press(page, page.locator('.verdicts').getByRole('button', { name: 'Undo' }));
      await expect.poll(async () => (await groups('DECIDED')).length).toBe(0);
    });

    it('on all suggestions that are listed comes after a summary, and is one thing to undo', async () => {
      const page = await open('/duplicates');
      await waitForPictures(page, '.group img');
      const all = await groups();
      const others = all.reduce((sum, { members }) => sum + members.length - 1, 0);
      await press(page, page.getByRole('button', { name: 'Accept suggestions' }));
      await page.waitForSelector(`dialog:has-text("Of each of the ${all.length} groups")`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await press(page, page.getByRole('button', { name: `Delete ${others} pictures` }));
      await page.waitForSelector('text=No duplicates to decide');
      expect(await groups('DECIDED')).toEqual([]);
      await page.keyboard.press('Control+z');
      await page.waitForSelector(`.total:text-is("${all.length} groups")`);
      expect(await groups()).toEqual(all);
      await page.waitForFunction((count) => document.querySelectorAll('.group').length === count, all.length);
      await press(page, page.getByRole('button', { name: 'Accept suggestions' }));
      await press(page, page.getByRole('button', { name: `Delete ${others} pictures` }));
      await page.waitForSelector('.toast:has-text("in 10 seconds")');
      await page.goto('about:blank');
      await expect.poll(async () => (await groups('DECIDED')).length).toBe(all.length);
    });
  });
});

/** Fills the database of a gateway that is stopped with entries that have hashes and no picture, one in a hundred of them twice. */
function fillHashes(dataDir: string, count: number): void {
  const database = new Database(join(dataDir, 'lookalike.db'));
  const time = '2026-01-01T00:00:00.000000Z';
  database.exec(`
    create temporary table made as
    with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${count - 1})
    select n, lower(hex(randomblob(32))) as content_hash, 'https://x.example/' || n as url,
      abs(random()) % 65536 as a, abs(random()) % 65536 as b, abs(random()) % 65536 as c, abs(random()) % 65536 as d
    from numbers;
    update made set (a, b, c, d) = (select a, b, c, d from made as other where other.n = made.n - 1) where n % 100 = 99;
    insert into entries (content_hash, url, content_type, file_size_bytes, hash0, hash1, hash2, hash3, client_name,
      lookup_time, created_at)
    select content_hash, url, 'image/jpeg', 1, a, b, c, d, 'test', '${time}', '${time}' from made;
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    select content_hash, url, substr(content_hash, 1, 32), 'test', '${time}', '${time}' from made;`);
  database.close();
}
