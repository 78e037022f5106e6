import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { golden, photographs, picture, type TestGateway } from '../harness/gateway.js';

export const WIDE = { viewport: { width: 1280, height: 860 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Where a picture of the corpus lies. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(`../fixtures/corpus/${name}`, import.meta.url));
}

const STORE = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
const ADD = `mutation ($input: AddEntriesToCollectionInput!) {
  addEntriesToCollection(input: $input) { __typename }
}`;

/** More than a page of a list has: the photographs of the corpus, and their copies, one of which is no picture. */
export const NAMES = [
  'odd/plain.svg',
  ...readdirSync(pathOf('derived')).map((name) => `derived/${name}`),
  ...photographs(),
];

/** Stores pictures, the photographs last, and puts some of them into the collection that there is. */
export async function fill(gateway: TestGateway): Promise<{ collectionId: string }> {
  for (const name of NAMES) {
    const [folder, filename] = name.split('/') as [string, string];
    const clientName = folder === 'photos' ? 'photographer' : 'scraper';
    const input = { url: `https://pictures.example/${name}`, filename, clientName, image: { upload: null } };
    const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': picture(name) });
    if (data?.storeEntry?.__typename !== 'StoreEntrySuccess') throw new Error(`${name} was not stored.`);
  }
  const { data } = await gateway.graphql('{ collections { nodes { collectionId } } }');
  const { collectionId } = data.collections.nodes[0];
  const contentHashes = photographs().map((name) => golden(name).blake2b256);
  await gateway.graphql(ADD, { input: { collectionId, contentHashes } });
  return { collectionId };
}

/** What files can be dropped on. */
export const DROP_TARGETS = {
  lookAlikes: '.drop-zone .target:not([data-drop])',
  collection: '.drop-zone [data-drop="collection"]',
};

/** Drops pictures of the corpus. */
export function drop(page: Page, names: readonly string[], target?: string): Promise<void> {
  return dropPaths(page, names.map(pathOf), target);
}

/** Drops files and folders as a person does, from outside of the browser. */
export async function dropPaths(
  page: Page,
  files: readonly string[],
  target = DROP_TARGETS.lookAlikes,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop', x: number, y: number) =>
    session.send('Input.dispatchDragEvent', { type, x, y, data });
  await drag('dragEnter', 300, 400);
  const { x, y, width, height } = (await page.locator(target).boundingBox())!;
  await drag('dragOver', x + width / 2, y + height / 2);
  await drag('drop', x + width / 2, y + height / 2);
  await session.detach();
}

const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** What axe finds wrong with the page as it stands, by WCAG 2.2 AA. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

/** Waits until pictures are to be seen. */
export async function waitForPictures(page: Page, selector = '.grid img'): Promise<void> {
  await page.waitForFunction((within) => {
    const images = [...document.querySelectorAll<HTMLImageElement>(within)];
    return (
      images.length > 0 &&
      images.slice(0, 3).every(({ complete, naturalWidth }) => complete && naturalWidth > 0)
    );
  }, selector);
}

/** In the page: types into the search box when it is there, which is before it was painted. */
export function typeAtOnce(text: string): void {
  const observer = new MutationObserver(() => {
    const field = document.querySelector<HTMLInputElement>('.search-box input');
    if (!field) return;
    observer.disconnect();
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** In the page: chooses the last collection of a dialog when there are several, which is before they were painted. */
export function chooseLastAtOnce(): Promise<string> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const field = document.querySelector<HTMLSelectElement>('dialog select');
      const last = field?.options[field.length - 1];
      if (!field || !last || field.length < 2) return;
      observer.disconnect();
      field.value = last.value;
      field.dispatchEvent(new Event('change', { bubbles: true }));
      resolve(last.value);
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}
