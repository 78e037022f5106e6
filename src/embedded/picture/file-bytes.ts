import type { FileHandle } from 'node:fs/promises';
import { BrokenPictureError } from './picture-header.js';

/** @returns fewer than `length` bytes where the file ends before */
export async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const available = Math.max(0, Math.min(length, size - position));
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(available), 0, available, position);
  return buffer.subarray(0, bytesRead);
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
  const { size } = await file.stat();
  if (position + length > size)
    throw new BrokenPictureError(`The file ends before byte ${position + length}.`);
}
