import type { FileHandle } from 'node:fs/promises';
import { readJpegSegments } from './jpeg-segments.js';
import type { PictureHeader, ReserveBytes } from './picture-header.js';
import { pngMetadataBytes } from './png-metadata.js';
import { openWithSharp } from './sharp-decoder.js';
import { checkWebpFrames } from './webp-frames.js';

/** How often what stands around the pixels comes to lie in memory, counted with XMP, which is copied most. */
const COPIES_OF_JPEG_SEGMENTS = 6;
const COPIES_OF_PNG_METADATA = 17;
/** So little that nobody has to be asked for it. */
const SMALL_METADATA_BYTES = 4 * 1024 * 1024;

/** @throws {TooCostlyError} when even its header is too large */
export async function openJpeg(
  file: FileHandle,
  path: string,
  reserve: ReserveBytes,
): Promise<PictureHeader> {
  const { bytes, samplesPerPixel } = readJpegSegments(file);
  const metadataBytes = await reserveMetadata(bytes * COPIES_OF_JPEG_SEGMENTS, reserve);
  return openWithSharp(path, 'image/jpeg', { metadataBytes, samplesPerPixel });
}

/**
 * @param input the path, or the bytes
 * @param start where in the file it begins
 * @throws {TooCostlyError} when even its header is too large
 */
export async function openPng(
  file: FileHandle,
  input: string | Buffer,
  reserve: ReserveBytes,
  start = 0,
): Promise<PictureHeader> {
  const bytes = pngMetadataBytes(file, start) * COPIES_OF_PNG_METADATA;
  return openWithSharp(input, 'image/png', { metadataBytes: await reserveMetadata(bytes, reserve) });
}

/** @throws {TooCostlyError} when it has too many frames */
export async function openWebp(file: FileHandle, path: string): Promise<PictureHeader> {
  checkWebpFrames(file);
  return openWithSharp(path, 'image/webp', { mappedBytes: (await file.stat()).size });
}

export async function openAvif(file: FileHandle, path: string): Promise<PictureHeader> {
  return openWithSharp(path, 'image/avif', { mappedBytes: (await file.stat()).size });
}

async function reserveMetadata(bytes: number, reserve: ReserveBytes): Promise<number> {
  if (bytes > SMALL_METADATA_BYTES) await reserve(bytes);
  return bytes;
}
