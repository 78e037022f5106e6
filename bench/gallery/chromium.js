import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Wide enough for 50 pictures at a time, in rows of the smallest size. */
const VIEWPORT = { width: 1600, height: 1000 };
const COLUMNS = '12';

/** Whether a Chromium is here. */
export const hasChromium = existsSync(EXECUTABLE);

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchChromium() {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

/**
 * A page of a reader who was never here, before it goes anywhere.
 *
 * @param {import('playwright-core').Browser} browser
 */
export async function openPage(browser) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  await context.addInitScript((columns) => localStorage.setItem('lookalike.columns', columns), COLUMNS);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

/**
 * The memory that belongs to the process of the page alone, after a collection of garbage: all of it, and what its scripts hold.
 *
 * @param {import('playwright-core').Page} page the only one of the browser
 * @returns {Promise<{ all: number, scripts: number }>} in bytes
 */
export async function memoryOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize: scripts } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const browserSession = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await browserSession.send('SystemInfo.getProcessInfo');
  await browserSession.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  // Chromium keeps one in reserve, which has no page.
  return { all: Math.max(...renderers.map(({ id }) => privateBytes(id))), scripts };
}

function privateBytes(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_\w+:\s*(\d+) kB/gm)].map(([, size]) => Number(size));
  return kilobytes.reduce((sum, each) => sum + each, 0) * 1024;
}
