import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readJpegSegments } from '#src/embedded/picture/jpeg-segments.js';
import { createPicturePool } from '#src/embedded/picture/picture-pool.js';
import { MAX_PIXELS, withFile } from './facts-of.js';

function jpeg(chromaSubsampling: string): Promise<Buffer> {
  const create = { width: 64, height: 64, channels: 3, background: '#1e5aa0' } as const;
  return sharp({ create }).jpeg({ progressive: true, chromaSubsampling }).toBuffer();
}

const segmentsOf = (bytes: Buffer) =>
  withFile(bytes, async (path) => {
    await using file = await open(path);
    return readJpegSegments(file);
  });

/**
 * A marker that has no segment stands before the frame. Who takes the two bytes behind it for a length goes on within a
 * comment, which holds another frame: of two components, both without samples.
 */
async function jpegOfHiddenFrame(marker: number): Promise<Buffer> {
  const bytes = await jpeg('4:4:4');
  const start = bytes.indexOf(Buffer.of(0xff, 0xc2));
  const end = start + 2 + bytes.readUInt16BE(start + 2);
  const frame = bytes.subarray(start, end);
  const other = Buffer.from('ffc2000e0800400040020100000200000000', 'hex');
  const comment = Buffer.concat([Buffer.of(0xff, 0xfe, 0, 2 + other.length), other]);
  const decoy = Buffer.of(0xff, marker, 0, 2 + frame.length + 4);
  return Buffer.concat([bytes.subarray(0, start), decoy, frame, comment, bytes.subarray(end)]);
}

describe('the segments of a JPEG', () => {
  it.each([
    ['4:4:4', 3],
    ['4:2:0', 1.5],
  ])('tell how many samples a pixel has: %s', async (subsampling, samplesPerPixel) => {
    const bytes = await jpeg(subsampling);
    expect(await segmentsOf(bytes)).toMatchObject({ samplesPerPixel });
  });

  it.each([0x00, 0x01, 0xd0, 0xd7])(
    'are found as libjpeg finds them behind the marker %i',
    async (marker) => {
      expect(await segmentsOf(await jpegOfHiddenFrame(marker))).toMatchObject({ samplesPerPixel: 3 });
    },
  );

  it('never keep the next picture waiting', async () => {
    const pool = createPicturePool({ maxPixels: MAX_PIXELS, threads: 1 });
    try {
      const read = (bytes: Buffer) => withFile(bytes, (path) => pool.read(path));
      expect(await read(await jpegOfHiddenFrame(0x01))).toMatchObject({ width: 64, problem: null });
      expect(await read(await jpeg('4:2:0'))).toMatchObject({ width: 64, problem: null });
    } finally {
      await pool.close();
    }
  });
});
