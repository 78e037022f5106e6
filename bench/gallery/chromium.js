import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Wide enough for 50 pictures at a time, in rows of the smallest size. */
export const VIEWPORT = { width: 1600, height: 1000 };
export const COLUMNS = '12';

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

/** Whether a Chromium is here. */
export const hasChromium = existsSync(EXECUTABLE);

/** @returns {Promise<import('playwright-core').Browser>} */
export function launchChromium() {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: FLAGS,
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

/** @returns {number} the memory that belongs to a process alone */
export function privateBytes(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_\w+:\s*(\d+) kB/gm)].map(([, size]) => Number(size));
  return kilobytes.reduce((sum, each) => sum + each, 0) * 1024;
}
