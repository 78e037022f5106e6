import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { corpusPicture } from '../corpus.js';
import { factsOf } from './facts-of.js';

const damaged = (name: string) => readFileSync(new URL(`../../fixtures/damaged/${name}`, import.meta.url));

/** What is said of a picture whose kind is recognised and not decoded. */
const recognised = (contentType: string) => ({
  contentType,
  width: null,
  height: null,
  perceptualHash: null,
  problem: null,
});

describe('a kind that is recognised and not decoded is no damage', () => {
  it('of an animated AVIF without a still picture', async () => {
    const bytes = damaged('avif-sequence.avif');
    bytes.write('avis', bytes.indexOf('avif', 12), 'latin1');
    expect(await factsOf(bytes)).toEqual(recognised('image/avif'));
  });

  it('of a JPEG of 12 bits a sample', async () => {
    const bytes = damaged('baseline.jpg');
    bytes[bytes.indexOf(Buffer.of(0xff, 0xc0)) + 4] = 12;
    expect(await factsOf(bytes)).toEqual(recognised('image/jpeg'));
  });

  it('of a JPEG of the hierarchical process', async () => {
    const bytes = damaged('baseline.jpg');
    bytes[bytes.indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc5;
    expect(await factsOf(bytes)).toEqual(recognised('image/jpeg'));
  });

  it.each([34_887, 34_712, 34_925])('of a TIFF of the compression %i', async (compression) => {
    const bytes = await sharp(corpusPicture('odd/gray.jpg')).tiff({ compression: 'none' }).toBuffer();
    const tag = Buffer.from([0x03, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00]);
    bytes.writeUInt16LE(compression, bytes.indexOf(tag) + tag.length);
    expect(await factsOf(bytes)).toEqual(recognised('image/tiff'));
  });
});

it('an animated AVIF is its still picture', async () => {
  const still = damaged('avif-sequence.avif');
  still.write('avif', 8, 'latin1');
  expect(await factsOf(damaged('avif-sequence.avif'))).toEqual(await factsOf(still));
});

it('an AVIF that is cut off within its brands is damaged', async () => {
  expect(await factsOf(damaged('avif-sequence.avif').subarray(0, 16))).toMatchObject({ problem: 'CUT_OFF' });
});
