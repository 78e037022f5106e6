import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import {
  type JpegFrame,
  type JpegSegments,
  largestSampling,
  nextMarker,
  segmentLength,
} from './jpeg-segments.js';
import { BrokenPictureError } from './picture-header.js';

const RST0 = 0xd0;
const TEM = 0x01;
const END_OF_IMAGE = 0xd9;
const NUMBER_OF_LINES = 0xdc;
const COMMENT = 0xfe;
/** Of SOF0 to SOF15 those that are decoded once all their scans are there. */
const PROGRESSIVE = [0xc2, 0xc6, 0xca, 0xce];

/**
 * Refuses markers that cannot stand behind the start of the scan of a JPEG: the codes end at them, and what is missing
 * would be grey. libvips stops reading once it has all lines; Pillow reads on to the end of the image, or of the file,
 * and meets them there. Of several scans libvips too reads all.
 *
 * @throws {BrokenPictureError} when there is such a marker
 */
export function refuseImpossibleMarkers(
  file: FileHandle,
  { frame, restartInterval, scan }: JpegSegments,
): void {
  if (!frame || !scan) return;
  if (PROGRESSIVE.includes(frame.marker) || scan.components < frame.components.length) return;
  const reader = new ByteReader(file.fd, scan.codesAt);
  const restarts = restartInterval === 0 ? 0 : Math.ceil(countMcus(frame) / restartInterval) - 1;
  if (meetsImpossibleMarker(reader, restarts))
    throw new BrokenPictureError('The JPEG has an impossible marker in its scan.');
}

/** A file that ends before the image has all its lines: libvips would refuse it otherwise. */
function meetsImpossibleMarker(reader: ByteReader, restarts: number): boolean {
  try {
    let marker = markerBehindRestarts(reader, restarts);
    for (; marker !== END_OF_IMAGE; marker = nextMarker(reader)) {
      if (hasSegment(marker)) reader.skip(segmentLength(reader));
      else if (!isRestart(marker) && marker !== TEM) return true;
    }
  } catch (error) {
    if (!(error instanceof BrokenPictureError)) throw error;
  }
  return false;
}

/** Minimum coded units: blocks of 8 × 8 samples of all components that belong together. */
function countMcus(frame: JpegFrame): number {
  const { width, height, components } = frame;
  const { across, down } = components.length === 1 ? { across: 1, down: 1 } : largestSampling(frame);
  return Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
}

/** The first one behind the last restart, found as libjpeg finds it, which makes up for some damage before that. */
function markerBehindRestarts(reader: ByteReader, restarts: number): number {
  let marker = nextMarker(reader);
  for (let restart = 0; restart < restarts; restart++) {
    const expected = restart & 7;
    // Codes that are no markers of JPEG, and restarts that come too late, are passed over.
    while (marker < 0xc0 || isBefore(marker, expected)) marker = nextMarker(reader);
    const isAhead = isRestart(marker) && [1, 2].includes((marker - expected) & 7);
    if (isRestart(marker) && !isAhead) marker = nextMarker(reader);
  }
  return marker;
}

function isRestart(marker: number): boolean {
  return marker >= RST0 && marker <= RST0 + 7;
}

function isBefore(marker: number, expected: number): boolean {
  return isRestart(marker) && [6, 7].includes((marker - expected) & 7);
}

/** Tables stand before a scan, so that there are none behind the last one. */
function hasSegment(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === COMMENT || marker === NUMBER_OF_LINES;
}
