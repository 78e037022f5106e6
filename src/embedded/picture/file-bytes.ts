import { fstatSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { BrokenPictureError } from './picture-header.js';

/** Far less than decoding a picture takes. */
const SMALL_FILE_BYTES = 1024 * 1024;

/**
 * Reads a small file at once, in a thread that does nothing else meanwhile: libvips opens a file for each format that it may be
 * of, twice, and then reads it 4 KiB at a time.
 * @returns null where it is not small
 */
export function readSmallFile(file: FileHandle): Buffer | null {
  const { size } = fstatSync(file.fd);
  if (size > SMALL_FILE_BYTES) return null;
  const bytes = Buffer.allocUnsafeSlow(size);
  return bytes.subarray(0, readSync(file.fd, bytes, 0, size, 0));
}

/**
 * At once, as ByteReader does, and not by yet another thread.
 * @returns fewer than `length` bytes where the file ends before
 */
export async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = fstatSync(file.fd);
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
  return bytes.subarray(0, readSync(file.fd, bytes, 0, bytes.length, position));
}

/**
 * Allocates nothing when the file is too short, whatever length a hostile header claims.
 *
 * @throws {BrokenPictureError} when the file ends before
 */
export async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  await requireBytes(file, position, length);
  return readUpTo(file, position, length);
}

/** @throws {BrokenPictureError} when the file ends before */
export async function requireBytes(file: FileHandle, position: number, length: number): Promise<void> {
  const { size } = fstatSync(file.fd);
  if (position + length > size)
    throw new BrokenPictureError(`The file ends before byte ${position + length}.`);
}
