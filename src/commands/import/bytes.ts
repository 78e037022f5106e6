import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createBLAKE3 } from 'hash-wasm';
import { sniffContentType } from '../../embedded/picture/content-type.js';
import { HasherPool } from '../../embedded/staging.js';
import { ItemError } from './item.js';

/** The bytes of an item in a file, which was read once. */
export interface Bytes {
  path: string;
  size: number;
  /** BLAKE2b-256. */
  contentHash: string;
  /** By their beginning; null for what is no picture of a known kind. */
  contentType: string | null;
}

const CHUNK_BYTES = 256 * 1024;
const hashers = new HasherPool();

/** @throws ItemError for a file that cannot be read */
export async function readBytes(path: string, signal: AbortSignal): Promise<Bytes> {
  try {
    return await hashFile(path, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof Error && 'code' in error)) throw error;
    throw new ItemError(`The file cannot be read: ${error.message}.`);
  }
}

async function hashFile(path: string, signal: AbortSignal): Promise<Bytes> {
  const file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    return await hashers.use(async (hasher) => {
      let size = 0;
      let contentType: string | null = null;
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        if (size === 0) contentType = sniffContentType(chunk);
        hasher.update(chunk);
        size += bytesRead;
      }
      return { path, size, contentHash: hasher.digest('hex'), contentType };
    });
  } finally {
    await file.close();
  }
}

/** Reads the bytes once more. */
export function openBytes({ path }: Bytes): Readable {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

/** The hash that a newer imgcache names files by. Read anew: hardly any bytes need both. */
export async function blake3Of(path: string): Promise<string> {
  const hasher = (await createBLAKE3()).init();
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hasher.update(chunk);
  return hasher.digest('hex');
}
