import type { PictureFacts, StagedImage } from '#src/services/staged-image.js';
import { NO_PICTURE, stageBytes } from './memory-staging.js';

const SIGNATURES: readonly (readonly [string, Buffer])[] = [
  ['image/png', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['image/jpeg', Buffer.from('ffd8ff', 'hex')],
];

/** Whatever starts like a PNG or a JPEG counts as a picture. */
export function signatureFacts(_contentHash: string, bytes: Buffer): PictureFacts {
  const known = SIGNATURES.find(([, signature]) => bytes.subarray(0, signature.length).equals(signature));
  if (known)
    return { contentType: known[0], width: 1, height: 1, perceptualHash: '0'.repeat(16), problem: null };
  return bytes.length === 0 ? { ...NO_PICTURE, problem: 'EMPTY' } : NO_PICTURE;
}

/** A staged image of bytes in memory. */
export function stageBuffer(bytes: Buffer): Promise<StagedImage> {
  return stageBytes(bytes, signatureFacts);
}
