import { readFileSync } from 'node:fs';

/** The bytes of a picture of the corpus, such as `photos/36-coffee.png`. */
export function corpusPicture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/corpus/${name}`, import.meta.url));
}
