import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** False where no Chromium is installed: browser tests are skipped then, and say so. */
export const hasChromium = existsSync(EXECUTABLE);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Tests that share a Chromium; where there is none, they are skipped. */
export function describeInChromium(name: string, suite: (browser: () => Browser) => void): void {
  const missing = 'skipped: no Chromium here; apt-get install chromium, or set CHROMIUM';
  describe.skipIf(!hasChromium)(hasChromium ? name : `${name} (${missing})`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());
    suite(() => browser);
  });
}
