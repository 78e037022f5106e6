import { isHex } from './hex.js';

/** Whether a text has the form of a content hash: 256 bits in 64 lower-case hex digits. */
export function isContentHash(text: string): boolean {
  return isHex(text, 64);
}
