import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tinyPicture } from './tiny-picture.js';

/** The picture of a number: another one for each. */
export function pictureOf(number: number): Buffer {
  return tinyPicture(((BigInt(number) * 0x9e3779b97f4a7c15n) % 2n ** 64n).toString(16).padStart(16, '0'));
}

/** Writes a file, and the folders that it is in. */
export function writeFile(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** Writes so many files into a folder: every tenth is a copy of one before, in another folder. */
export function writePictures(folder: string, count: number): void {
  for (let number = 0; number < count; number++) {
    const isCopy = number % 10 === 9;
    const name = `${isCopy ? 'copies' : `pictures/${number % 7}`}/${String(number).padStart(5, '0')}.png`;
    writeFile(folder, name, pictureOf(isCopy ? number - 9 : number));
  }
}
