import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type OpenPage, openPage, press } from './page.js';

/** Where GraphiQL leaves its editor. */
interface Globals {
  __MONACO: typeof import('monaco-editor');
}

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

/** Opens a tab with the first press, and waits until what it has is what would be run. */
export async function openTab(page: Page, name: string): Promise<void> {
  const active = page.locator('.graphiql-tab-active .graphiql-tab-button');
  const isOpen = (await active.textContent()) === name;
  await press(page, page.locator(`.graphiql-tab-button[title="${name}"]`));
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-tab-active .graphiql-tab-button')?.textContent === text,
    name,
  );
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-query-editor')?.textContent?.includes(text),
    name,
  );
  if (isOpen) return;
  // GraphiQL looks for the name of the operation a moment after the text has changed, and then it is in the address.
  await page.waitForURL(({ searchParams }) =>
    new RegExp(`(query|mutation) ${name}\\b`).test(searchParams.get('query') ?? ''),
  );
}

/** Runs the operation of a tab and waits for a response that shows the text. */
export async function runTab(page: Page, name: string, expected: string): Promise<void> {
  await openTab(page, name);
  await press(page, page.locator('.graphiql-execute-button'));
  await page.waitForFunction(
    (text) => document.querySelector('.graphiql-response')?.textContent?.includes(text),
    expected,
  );
}

/** Writes other variables, as one paste does. */
export async function setVariables(page: Page, variables: object): Promise<void> {
  await page.evaluate((text) => {
    const { __MONACO: monaco } = globalThis as unknown as Globals;
    const isVariables = ({ uri }: { uri: { path: string } }) => uri.path.endsWith('variables.json');
    monaco.editor.getModels().find(isVariables)!.setValue(text);
  }, JSON.stringify(variables));
}

/** The red marks in the editors, by the names of their models. */
export function redMarks(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { __MONACO: monaco } = globalThis as unknown as Globals;
    return monaco.editor
      .getModelMarkers({})
      .filter(({ severity }) => severity === monaco.MarkerSeverity.Error)
      .map(({ resource, message }) => `${resource.path}: ${message}`);
  });
}

/** The files of GraphiQL that this page has loaded so far, and the bytes that were sent for them: none for what was kept. */
export function loadedFiles(page: Page): Promise<Pick<PerformanceResourceTiming, 'name' | 'transferSize'>[]> {
  return page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => name.includes('/graphiql/'))
      .map(({ name, transferSize }) => ({ name, transferSize })),
  );
}
