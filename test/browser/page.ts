import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PATIENCE_MS } from '../harness/patience.js';

/** A page in a profile of its own, and what it did that it should not. */
export interface OpenPage {
  page: Page;
  /** Requests to other origins. */
  foreign: string[];
  /** What the console holds. */
  complaints: string[];
  close(): Promise<void>;
}

export interface PageOptions extends BrowserContextOptions {
  /**
   * Whether the page's timers are left as they are, for what is to happen by itself after a time.
   * @default false
   */
  realTimers?: boolean;
}

export async function openPage(
  browser: Browser,
  address: string,
  { realTimers = false, ...options }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  if (!realTimers) await context.addInitScript(stretchTimers);
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
  return { page, foreign, complaints, close: () => context.close() };
}

/** Gives readers more time, such as to undo what they did: a test on a busy machine may be slower than any of them. */
function stretchTimers(): void {
  const { setTimeout } = globalThis;
  const stretched = (run: TimerHandler, ms = 0, ...given: unknown[]) =>
    setTimeout(run, ms < 3000 ? ms : ms * 100, ...given);
  Object.assign(globalThis, { setTimeout: stretched });
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

export interface Proxy {
  /** Without a trailing slash. */
  url: string;
  close(): void;
}

/**
 * Hands requests on to a gateway that it has below a path.
 * @param port where it listens; a free one by default
 */
export async function startProxy(gatewayUrl: string, path: string, port = 0): Promise<Proxy> {
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
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}${path}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
