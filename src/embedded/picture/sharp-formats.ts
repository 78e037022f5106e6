import type { FileHandle } from 'node:fs/promises';
import { heifBrands, SIGNATURE_BYTES } from './content-type.js';
import { readExactly, readSmallFile, readUpTo, requireBytes } from './file-bytes.js';
import { refuseImpossibleMarkers } from './jpeg-scan.js';
import { readJpegSegments } from './jpeg-segments.js';
import { NotDecodedError, type PictureHeader, type ReserveBytes } from './picture-header.js';
import { pngMetadataBytes } from './png-chunks.js';
import { openWithSharp } from './sharp-decoder.js';
import { webpMetadataBytes } from './webp-chunks.js';

/** How often what stands around the pixels comes to lie in memory, counted with XMP, which is copied most. */
const COPIES_OF_JPEG_SEGMENTS = 6;
const COPIES_OF_PNG_METADATA = 17;
const COPIES_OF_WEBP_METADATA = 9;
/** The same while only the header is read, of formats whose decoder has to find out how much there is. */
const COPIES_IN_AVIF_HEADER = 4;
const COPIES_IN_TIFF_HEADER = 7;
/** libvips takes no tag of more than 20 MiB: only a hostile file has as much in all of them. */
const MAX_TIFF_METADATA_BYTES = 40 * 1024 * 1024;
/** The brand of a still AVIF, and where in the file the major brand stands. */
const AVIF_BRAND = 'avif';
const AVIF_BRAND_AT = 8;
/** So little that nobody has to be asked for it. */
const SMALL_METADATA_BYTES = 4 * 1024 * 1024;

/** @throws {TooCostlyError} when even its header is too large */
export async function openJpeg(
  file: FileHandle,
  path: string,
  reserve: ReserveBytes,
): Promise<PictureHeader> {
  const segments = readJpegSegments(file);
  const metadataBytes = await reserveMetadata(segments.bytes * COPIES_OF_JPEG_SEGMENTS, reserve);
  const { samplesPerPixel } = segments;
  const input = readSmallFile(file) ?? path;
  const header = await openWithSharp(input, 'image/jpeg', { metadataBytes, samplesPerPixel });
  return {
    ...header,
    async decode() {
      refuseImpossibleMarkers(file, segments);
      return header.decode();
    },
    async squeezed() {
      refuseImpossibleMarkers(file, segments);
      return header.squeezed();
    },
  };
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

/** @throws {TooCostlyError} when it has too many frames, or even its header is too large */
export async function openWebp(
  file: FileHandle,
  path: string,
  reserve: ReserveBytes,
): Promise<PictureHeader> {
  const mappedBytes = (await file.stat()).size;
  // A chunk may claim to be longer than the file.
  const bytes = Math.min(webpMetadataBytes(file), mappedBytes);
  const metadataBytes = await reserveMetadata(bytes * COPIES_OF_WEBP_METADATA, reserve);
  return openWithSharp(path, 'image/webp', { mappedBytes, metadataBytes });
}

/**
 * @throws {TooCostlyError} when even its header may be too large
 * @throws {NotDecodedError} when it is animated and has no still picture
 */
export async function openAvif(
  file: FileHandle,
  path: string,
  reserve: ReserveBytes,
): Promise<PictureHeader> {
  const mappedBytes = (await file.stat()).size;
  await reserveMetadata(mappedBytes * COPIES_IN_AVIF_HEADER, reserve);
  return openWithSharp(await readStillAvif(file, path), 'image/avif', { mappedBytes });
}

/**
 * An AVIF that libvips takes for one: it looks at the major brand alone, and does not know that of animations (`avis`).
 * An animation with a still picture, its first frame as a rule, says so by its other brands; it is read into memory and
 * given the major brand of a still one.
 *
 * @returns the path, or the bytes
 * @throws {NotDecodedError} when there is no still picture
 * @throws {BrokenPictureError} when the brands are cut off
 */
async function readStillAvif(file: FileHandle, path: string): Promise<string | Buffer> {
  const head = await readUpTo(file, 0, SIGNATURE_BYTES);
  await requireBytes(file, 0, head.readUInt32BE(0));
  const [major, , ...others] = heifBrands(head);
  if (major === AVIF_BRAND) return path;
  if (!others.includes(AVIF_BRAND)) throw new NotDecodedError('The AVIF has no still picture.');
  const bytes = await readExactly(file, 0, (await file.stat()).size);
  bytes.write(AVIF_BRAND, AVIF_BRAND_AT, 'latin1');
  return bytes;
}

export async function openTiff(
  file: FileHandle,
  path: string,
  reserve: ReserveBytes,
): Promise<PictureHeader> {
  const { size } = await file.stat();
  await reserveMetadata(Math.min(size, MAX_TIFF_METADATA_BYTES) * COPIES_IN_TIFF_HEADER, reserve);
  return openWithSharp(path, 'image/tiff');
}

async function reserveMetadata(bytes: number, reserve: ReserveBytes): Promise<number> {
  if (bytes > SMALL_METADATA_BYTES) await reserve(bytes);
  return bytes;
}
