import type { FileHandle } from 'node:fs/promises';
import { heifBrands, SIGNATURE_BYTES } from './content-type.js';
import { readExactly, readUpTo, requireBytes } from './file-bytes.js';
import { NotDecodedError } from './picture-header.js';

const BRAND = 'avif';
const BRAND_AT = 8;

/**
 * What libvips takes for an AVIF: it looks at the major brand alone, and knows that of animations (`avis`) not at all.
 * One that is a still picture too, its first frame as a rule, says so by its other brands; with that as its major
 * brand it is one.
 *
 * @returns the path, or the bytes
 * @throws {NotDecodedError} when there is no still picture
 * @throws {BrokenPictureError} when the brands are cut off
 */
export async function readStillAvif(file: FileHandle, path: string): Promise<string | Buffer> {
  const head = await readUpTo(file, 0, SIGNATURE_BYTES);
  await requireBytes(file, 0, head.readUInt32BE(0));
  const [major, , ...others] = heifBrands(head);
  if (major === BRAND) return path;
  if (!others.includes(BRAND)) throw new NotDecodedError('The AVIF has no still picture.');
  const bytes = await readExactly(file, 0, (await file.stat()).size);
  bytes.write(BRAND, BRAND_AT, 'latin1');
  return bytes;
}
