import { createHash } from 'node:crypto';
import { isContentHash } from '../../../services/content-hash.js';
import { type HashChunks, hashChunks, hashHex } from '../../../services/hamming-distance.js';

/** @param contentHash 64 lower-case hex digits */
export function hashBytes(contentHash: string): Buffer {
  return Buffer.from(contentHash, 'hex');
}

/** Those of the texts that can be found; bytes would be made of others too. */
export function allHashBytes(contentHashes: readonly string[]): Buffer[] {
  return contentHashes.filter(isContentHash).map(hashBytes);
}

/** Half of a SHA-256: enough that two URLs never share it, narrow enough for an index. */
export function urlHash(url: string): Buffer {
  return createHash('sha256').update(url).digest().subarray(0, 16);
}

/** A dHash as its columns hold it: signed numbers of 32 bits, the more significant first. */
export type HashHalves = readonly [high: number, low: number];

export function toHalves([first, second, third, fourth]: HashChunks): HashHalves {
  return [(first << 16) | second, (third << 16) | fourth];
}

export function toChunks([high, low]: HashHalves): HashChunks {
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff];
}

/** @param perceptualHash 16 hex digits; null where there is none */
export function halvesOf(perceptualHash: string | null): HashHalves | readonly [null, null] {
  return perceptualHash === null ? [null, null] : toHalves(hashChunks(perceptualHash));
}

/** 16 lower-case hex digits; null where there is none. */
export function halvesHex(high: number | null, low: number | null): string | null {
  return high === null || low === null ? null : hashHex(toChunks([high, low]));
}
