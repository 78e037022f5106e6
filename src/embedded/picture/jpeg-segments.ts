import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { BrokenPictureError } from './picture-header.js';

const START_OF_SCAN = 0xda;
const RESTART_INTERVAL = 0xdd;
/** TEM, and RST0 to RST7: no length follows them. */
const WITHOUT_SEGMENT = [0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7];
/** SOF0 to SOF15; the three among them that are no frame have no samples to read. */
const FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

export interface JpegSegments {
  /** Of all that stands before the first scan. */
  bytes: number;
  /** How many samples there are for each pixel: 3 for 4:4:4, 1.5 for 4:2:0. */
  samplesPerPixel: number;
  /** Null when there is none. */
  frame: JpegFrame | null;
  /** In MCUs; 0 when nothing restarts. */
  restartInterval: number;
  /** How many components the first scan has, and where its codes begin; null when there is none. */
  scan: { components: number; codesAt: number } | null;
}

export interface JpegFrame {
  /** The marker that it begins with, which tells how it is coded. */
  marker: number;
  width: number;
  height: number;
  /** How often each component is sampled in an MCU. */
  components: readonly { across: number; down: number }[];
}

/** Walks over the segments before the pixels of a JPEG. A file that ends too early has what was seen of it. */
export function readJpegSegments(file: FileHandle): JpegSegments {
  const reader = new ByteReader(file.fd, 2);
  const segments: JpegSegments = {
    bytes: 0,
    samplesPerPixel: 4,
    frame: null,
    restartInterval: 0,
    scan: null,
  };
  try {
    while (!segments.scan) readSegment(reader, segments);
  } catch (error) {
    if (!(error instanceof BrokenPictureError)) throw error;
  }
  return segments;
}

function readSegment(reader: ByteReader, segments: JpegSegments): void {
  let marker = nextMarker(reader);
  while (WITHOUT_SEGMENT.includes(marker)) marker = nextMarker(reader);
  const length = segmentLength(reader);
  if (FRAMES.includes(marker)) {
    segments.frame = jpegFrame(marker, reader.bytes(length));
    segments.samplesPerPixel = samplesPerPixel(segments.frame);
  } else if (marker === RESTART_INTERVAL) {
    const segment = reader.bytes(length);
    segments.restartInterval = length < 2 ? 0 : segment.readUInt16BE();
  } else if (marker === START_OF_SCAN) {
    const components = reader.bytes(length)[0] ?? 0;
    segments.scan = { components, codesAt: reader.position };
    return;
  } else {
    reader.skip(length);
  }
  segments.bytes = reader.position;
}

/**
 * The next one, found as libjpeg finds it: or it would see another frame than is read here. A zero behind 0xff is no
 * marker.
 */
export function nextMarker(reader: ByteReader): number {
  let marker = 0;
  while (marker === 0) {
    reader.skipPast(0xff);
    do marker = reader.byte();
    while (marker === 0xff);
  }
  return marker;
}

/** Of what follows the length. */
export function segmentLength(reader: ByteReader): number {
  return Math.max(0, reader.bytes(2).readUInt16BE() - 2);
}

function jpegFrame(marker: number, segment: Buffer): JpegFrame {
  const [, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, count = 0] = segment;
  return {
    marker,
    width: (widthHigh << 8) | widthLow,
    height: (heightHigh << 8) | heightLow,
    components: Array.from({ length: count }, (_, index) => {
      const both = segment[7 + 3 * index] ?? 0;
      return { across: both >> 4, down: both & 15 };
    }),
  };
}

/** The largest sampling of the components, across and down. */
export function largestSampling({ components }: JpegFrame): { across: number; down: number } {
  return {
    across: Math.max(...components.map(({ across }) => across)),
    down: Math.max(...components.map(({ down }) => down)),
  };
}

function samplesPerPixel(frame: JpegFrame): number {
  const largest = largestSampling(frame);
  return frame.components.reduce(
    (sum, { across, down }) => sum + (across * down) / (largest.across * largest.down),
    0,
  );
}
