import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type OpenPage, openPage, press } from './page.js';

export async function openGraphiQL(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const opened = await openPage(browser, address, { viewport: { width: 1400, height: 900 }, ...options });
  await opened.page.waitForSelector('.graphiql-execute-button');
  await opened.page.waitForSelector('.graphiql-query-editor .view-line');
  return opened;
}

/** Opens a tab with the first press. */
export async function openTab(page: Page, name: string): Promise<void> {
  await press(page, page.locator(`.graphiql-tab-button[title="${name}"]`));
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-tab-active .graphiql-tab-button')?.textContent === text,
    name,
    { timeout: 5000 },
  );
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-query-editor')?.textContent?.includes(text),
    name,
  );
}

/** Runs the operation of a tab and waits for a response that shows the text. */
export async function runTab(page: Page, name: string, expected: string): Promise<void> {
  await openTab(page, name);
  await page.waitForTimeout(500); // GraphiQL looks for the operation's name a moment after the text has changed.
  await press(page, page.locator('.graphiql-execute-button'));
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-response')?.textContent?.includes(text),
    expected,
  );
}

/** The red marks in the editors, by the names of their models. */
export function redMarks(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // GraphiQL leaves its editor here.
    const { __MONACO: monaco } = globalThis as unknown as { __MONACO: typeof import('monaco-editor') };
    return monaco.editor
      .getModelMarkers({})
      .filter(({ severity }) => severity === monaco.MarkerSeverity.Error)
      .map(({ resource, message }) => `${resource.path}: ${message}`);
  });
}
