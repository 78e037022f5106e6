import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { BrokenPictureError } from './picture-header.js';

const START_OF_SCAN = 0xda;
/** A zero that is no marker, TEM, and RST0 to RST7: no length follows them. */
const WITHOUT_SEGMENT = [0x00, 0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7];
/** SOF0 to SOF15; the three among them that are no frame have no samples to read. */
const FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

export interface JpegSegments {
  /** Of all that stands before the first scan. */
  bytes: number;
  /** How many samples there are for each pixel: 3 for 4:4:4, 1.5 for 4:2:0. */
  samplesPerPixel: number;
}

/** Walks over the segments before the pixels of a JPEG. A file that ends too early has what was seen of it. */
export function readJpegSegments(file: FileHandle): JpegSegments {
  const reader = new ByteReader(file.fd, 2);
  const segments = { bytes: 0, samplesPerPixel: 4 };
  try {
    for (let marker = nextMarker(reader); marker !== START_OF_SCAN; marker = nextMarker(reader)) {
      const length = Math.max(0, reader.bytes(2).readUInt16BE() - 2);
      if (FRAMES.includes(marker)) segments.samplesPerPixel = samplesPerPixel(reader.bytes(length));
      else reader.skip(length);
      segments.bytes = reader.position;
    }
  } catch (error) {
    if (!(error instanceof BrokenPictureError)) throw error;
  }
  return segments;
}

/** The next one with a segment, found as libjpeg finds it: or it would see another frame than is read here. */
function nextMarker(reader: ByteReader): number {
  let marker = 0;
  while (WITHOUT_SEGMENT.includes(marker)) {
    while (reader.byte() !== 0xff);
    do marker = reader.byte();
    while (marker === 0xff);
  }
  return marker;
}

function samplesPerPixel(frame: Buffer): number {
  const components = frame[5] ?? 0;
  const factors = Array.from({ length: components }, (_, index) => {
    const both = frame[7 + 3 * index] ?? 0;
    return [both >> 4, both & 15] as const;
  });
  const largest =
    Math.max(...factors.map(([across]) => across)) * Math.max(...factors.map(([, down]) => down));
  return factors.reduce((sum, [across, down]) => sum + (across * down) / largest, 0);
}
