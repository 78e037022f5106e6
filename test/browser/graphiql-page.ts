import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** The page of GraphiQL in a profile of its own, and what it did that it should not. */
export interface OpenPage {
  page: Page;
  /** Requests to other origins. */
  foreign: string[];
  /** What the console holds. */
  complaints: string[];
  close(): Promise<void>;
}

export async function openGraphiQL(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const foreign: string[] = [];
  const complaints: string[] = [];
  page.on('request', (asked) => {
    const { protocol, origin } = new URL(asked.url());
    if (protocol.startsWith('http') && origin !== new URL(address).origin) foreign.push(asked.url());
  });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  await page.waitForSelector('.graphiql-execute-button');
  await page.waitForSelector('.graphiql-query-editor .view-line');
  return { page, foreign, complaints, close: () => context.close() };
}

/** Presses the middle of an element as a person does: the button is down for a while. */
export async function press(page: Page, target: Locator): Promise<void> {
  await target.click({ trial: true }); // Waits until it stands still and nothing lies above it.
  const box = await target.boundingBox();
  if (!box) throw new Error('It is not to be seen.');
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const session = await page.context().newCDPSession(page);
  await session.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...place });
  const button = { button: 'left', clickCount: 1, ...place } as const;
  await session.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...button });
  await setTimeout(80);
  await session.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button });
  await session.detach();
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

export interface Proxy {
  /** Without a trailing slash. */
  url: string;
  close(): void;
}

/** Hands requests on to a gateway that it has below a path. */
export async function startProxy(gatewayUrl: string, path: string): Promise<Proxy> {
  const server = createServer((req, res) => {
    if (!req.url?.startsWith(`${path}/`)) return void res.writeHead(404).end();
    const { method, headers } = req;
    req.pipe(
      request(`${gatewayUrl}${req.url.slice(path.length)}`, { method, headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
