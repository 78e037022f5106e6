import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetch, WebSocket } from 'undici';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { COLUMNS, EXECUTABLE, FLAGS, privateBytes, VIEWPORT } from './chromium.js';

const PATIENCE_MS = 60_000;

/**
 * Scrolls through all pictures by the wheel, in a Chromium whose network nobody listens to: a page that Playwright drives
 * keeps the responses for its inspector, which would count as the gallery's memory.
 *
 * @param {string} url
 * @param {number} count of pictures
 * @returns {Promise<{ seconds: number, before: number, after: number, scripts: number }>} memory in bytes
 */
export async function scrollToEnd(url, count) {
  const folder = makeFolder();
  const size = `--window-size=${VIEWPORT.width},${VIEWPORT.height}`;
  const flags = [...FLAGS, size, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`];
  const chromium = spawn(EXECUTABLE, [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const browser = await Target.open(await addressIn(chromium.stderr));
    const page = await Target.open(await addressOfPage(browser.host));
    await page.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `localStorage.setItem('lookalike.columns', '${COLUMNS}')`,
    });
    await page.send('Page.navigate', { url: `${url}/` });
    await page.until(`document.querySelector('.cell img')`);
    await sleep(1000);
    const { all: before } = await memoryOf(page, browser);
    const start = performance.now();
    for (let height = 0; height !== null; )
      height = await page
        .wheel()
        .then(() => page.until(`(${grown})(${height})`))
        .then(({ isWhole, height: now }) => (isWhole ? null : now));
    const seconds = (performance.now() - start) / 1000;
    await page.wheel();
    // Its address is that of the first entry that there ever was.
    await page.until(`document.querySelector('.cell a[title^="https://example.org/bench/0.jpg"]')`);
    const cells = await page.evaluate(`document.querySelectorAll('.cell').length`);
    if (cells >= Math.min(count, 1000)) throw new Error(`The page holds ${cells} pictures at once.`);
    await sleep(1000);
    const { all: after, scripts } = await memoryOf(page, browser);
    return { seconds, before, after, scripts };
  } finally {
    chromium.kill('SIGKILL');
    await once(chromium, 'close');
    removeFolder(folder);
  }
}

/** Runs in the page: whether the grid is whole, or higher than it was. */
function grown(known) {
  const grid = document.querySelector('.grid');
  const isWhole = grid.getAttribute('aria-rowcount') !== '-1';
  return (isWhole || grid.clientHeight > known) && { isWhole, height: grid.clientHeight };
}

async function addressIn(stderr) {
  for await (const line of createInterface({ input: stderr })) {
    const [, address] = /listening on (ws:\S+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('Chromium did not start.');
}

async function addressOfPage(host) {
  const targets = await (await fetch(`http://${host}/json/list`)).json();
  return targets.find(({ type }) => type === 'page').webSocketDebuggerUrl;
}

/**
 * The memory that belongs to the process of the page alone, after a collection of garbage: all of it, and what its scripts hold.
 *
 * @returns {Promise<{ all: number, scripts: number }>} in bytes
 */
async function memoryOf(page, browser) {
  await page.send('HeapProfiler.collectGarbage');
  const { usedSize: scripts } = await page.send('Runtime.getHeapUsage');
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  // Chromium keeps one in reserve, which has no page.
  return { all: Math.max(...renderers.map(({ id }) => privateBytes(id))), scripts };
}

/** A page or the browser, by the Chrome DevTools Protocol. */
class Target {
  #socket;
  #asked = 0;
  #waiting = new Map();

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    });
  }

  static async open(address) {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('Chromium does not answer.')));
    });
    return new Target(socket);
  }

  get host() {
    return new URL(this.#socket.url).host;
  }

  send(method, params = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#asked, { resolve, reject });
      this.#socket.send(JSON.stringify({ id: this.#asked, method, params }));
    });
  }

  /** @returns the value of an expression: of an object that is one, else true for an element */
  async evaluate(expression) {
    const wrapped = `(() => { const it = ${expression}; return it instanceof Node ? true : it; })()`;
    const { result } = await this.send('Runtime.evaluate', { expression: wrapped, returnByValue: true });
    return result.value;
  }

  /** Looks again and again until there is something. */
  async until(expression) {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(20)) {
      const found = await this.evaluate(expression);
      if (found) return found;
    }
    throw new Error(`It did not come: ${expression}`);
  }

  wheel() {
    const at = { type: 'mouseWheel', x: 800, y: 500, deltaX: 0, deltaY: 1_000_000 };
    return this.send('Input.dispatchMouseEvent', at);
  }
}
