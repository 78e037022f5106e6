import { tour } from './tour.js';

/** Takes the tour with what a page has: files that a user chose, and streams. */
export async function run(url: string, picture: number[]) {
  const file = new File([new Uint8Array(picture)], 'hill.png', { type: 'image/png' });
  return [await tour(url, () => file), await tour(url, () => file.stream())];
}
