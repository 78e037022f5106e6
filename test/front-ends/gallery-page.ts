import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInChromium } from '../browser/chromium.js';
import { press } from '../browser/page.js';
import { type Gallery, startGallery } from '../harness/gallery-gateway.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { NAMES } from './expected.js';

describeInChromium('A Vite and React page', (browser) => {
  let outDir: string;
  let server: PreviewServer;
  let origin: string;
  let gallery: Gallery;

  beforeAll(async () => {
    outDir = mkdtempSync(join(tmpdir(), 'lookalike-page-'));
    const project = {
      root: fileURLToPath(new URL('gallery/', import.meta.url)),
      configFile: false,
      logLevel: 'error',
      build: { outDir, emptyOutDir: true },
    } as const;
    await build(project);
    server = await preview({ ...project, preview: { host: '127.0.0.1', port: 0 } });
    origin = new URL(server.resolvedUrls!.local[0]!).origin;
    gallery = await startGallery(NAMES, origin);
  });
  afterAll(async () => {
    await gallery?.close();
    await server?.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  async function open(key: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser().newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(`${origin}/#${new URLSearchParams({ graph: gallery.graph, key })}`);
    return { page, complaints };
  }

  /** Waits until so many pictures are there, and each has come. */
  const waitForPictures = (page: Page, count: number) =>
    page.waitForFunction((wanted) => {
      const { images } = document;
      return images.length === wanted && [...images].every(({ naturalWidth }) => naturalWidth > 0);
    }, count);

  it('shows thumbnails of another origin, page after page, with a key', async () => {
    const { page, complaints } = await open(gallery.headers.authorization!.replace('Bearer ', ''));
    for (const count of [2, 4]) {
      await waitForPictures(page, count);
      await press(page, page.getByRole('button', { name: 'More' }));
    }
    await waitForPictures(page, NAMES.length);
    expect(await page.getByRole('button').count()).toBe(0);
    const shown = await page.evaluate(() =>
      [...document.images].map(({ src, width, height, naturalWidth, naturalHeight }) => ({
        origin: new URL(src).origin,
        size: [width, height],
        naturalSize: [naturalWidth, naturalHeight],
      })),
    );
    for (const picture of shown) {
      expect(picture.origin).toBe(new URL(gallery.graph).origin);
      expect(picture.origin).not.toBe(origin);
      expect(picture.size).toEqual(picture.naturalSize);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('tells of a wrong key, which it may read across origins', async () => {
    const { page } = await open('wrong');
    expect(await page.getByRole('alert').textContent()).toMatch(/401|key/i);
    await page.close();
  });
});
