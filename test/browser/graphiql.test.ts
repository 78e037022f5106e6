import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { hasChromium, launchChromium } from './chromium.js';

const TITLE = hasChromium
  ? 'GraphiQL'
  : 'GraphiQL (skipped: no Chromium here; apt-get install chromium, or set CHROMIUM)';

describe.skipIf(!hasChromium)(TITLE, () => {
  let gateway: TestGateway;
  let browser: Browser;
  let page: Page;
  const foreign: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    gateway = await startGateway();
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !request.url().startsWith(gateway.url))
        foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${gateway.url}/graphql`);
    await page.waitForSelector('.graphiql-execute-button');
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
  });

  /** Runs the operation of a tab and waits for an answer that shows the text. */
  async function runTab(name: string, expected: string): Promise<void> {
    // The tabs can be dragged, and what Playwright's mouse does counts as a drag.
    const tab = page.locator('.graphiql-tab-button', { hasText: name }).first();
    await tab.evaluate((button: HTMLElement) => button.click());
    await page.waitForFunction(
      (text) => document.querySelector('.graphiql-editors')?.textContent?.includes(text),
      name,
    );
    await page.waitForTimeout(500); // GraphiQL looks for the operation's name a moment after the text has changed.
    await page.click('.graphiql-execute-button');
    await page.waitForFunction(
      (text) => document.querySelector('.graphiql-response')?.textContent?.includes(text),
      expected,
    );
  }

  it('opens with a tab for each everyday task', async () => {
    const names = await page.getByRole('tab').allTextContents();
    for (const task of [
      'Services',
      'Collections',
      'CreateCollection',
      'StoreEntry',
      'IngestImage',
      'AddImage',
      'Similar',
      'Entries',
      'EntryByUrl',
    ])
      expect(names.some((name) => name.startsWith(task))).toBe(true);
  });

  it('stores a picture, finds it and shows the services, all from its tabs', async () => {
    mkdirSync('.cache', { recursive: true });
    await runTab('Services', 'IMGCACHE');
    await runTab('StoreEntry', 'StoreEntrySuccess');
    await page.screenshot({ path: '.cache/graphiql.png' });
    await runTab('IngestImage', 'IngestImageSuccess');
    await runTab('Similar', 'hammingDistance');
  });

  it('opens again after an edit, which it notes in the address', async () => {
    await page.goto(`${gateway.url}/graphql?query=%7B__typename%7D`);
    await page.waitForSelector('.graphiql-execute-button');
  });

  it('asks nobody but this gateway, and has nothing to complain of', () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
