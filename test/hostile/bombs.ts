import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const corpus = new URL('../fixtures/corpus/odd/', import.meta.url);
const file = (name: string) => readFileSync(new URL(name, corpus));

function plain(megapixels: number) {
  const side = Math.round(Math.sqrt(megapixels * 1e6));
  const create = { width: side, height: side, channels: 3, background: '#1e5aa0' } as const;
  return sharp({ create, limitInputPixels: false });
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A small PNG with texts of 500 megabytes. */
function pngOfTexts(): Buffer {
  const png = file('rgb.png');
  const packed = deflateSync(Buffer.alloc(50_000_000));
  const texts = Array.from({ length: 10 }, (_, i) =>
    chunk('zTXt', Buffer.concat([Buffer.from(`k${i}\0\0`), packed])),
  );
  return Buffer.concat([png.subarray(0, 33), ...texts, png.subarray(33)]);
}

/** A PNG whose header promises 10 000 megapixels. */
function endlessPng(): Buffer {
  const png = file('one-pixel.png');
  png.writeUInt32BE(100_000, 16);
  png.writeUInt32BE(100_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

/** A GIF of one pixel, 100 000 times. */
function gifOfFrames(): Buffer {
  const screen = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('2c0000000001000100000202440100', 'hex');
  return Buffer.concat([screen, Buffer.concat(Array(100_000).fill(frame)), Buffer.of(0x3b)]);
}

/** A WebP of one pixel, 10 000 times: libwebp counts its frames for seconds. */
async function webpOfFrames(): Promise<Buffer> {
  const picture = (await sharp(file('one-pixel.png')).webp().toBuffer()).subarray(12);
  const riff = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(type), length, data, Buffer.alloc(data.length % 2)]);
  };
  const frame = riff('ANMF', Buffer.concat([Buffer.alloc(12), Buffer.of(10, 0, 0, 0), picture]));
  const head = [riff('VP8X', Buffer.from('02000000000000000000', 'hex')), riff('ANIM', Buffer.alloc(6))];
  const frames = Buffer.concat(Array(10_000).fill(frame));
  return riff('RIFF', Buffer.concat([Buffer.from('WEBP'), ...head, frames]));
}

/** An icon that is a PNG with texts of 500 megabytes. */
function iconOfTexts(): Buffer {
  const png = pngOfTexts();
  const head = Buffer.from('00000100010000000000010020000000000016000000', 'hex');
  head.writeUInt32LE(png.length, 14);
  return Buffer.concat([head, png]);
}

/** Small files that would become large, by their names. */
export async function bombs(): Promise<Record<string, Buffer>> {
  return {
    'PNG of 10 000 megapixels': endlessPng(),
    'PNG with 500 MB of text': pngOfTexts(),
    'icon with 500 MB of text': iconOfTexts(),
    'interlaced PNG of 50 megapixels': await plain(50).png({ progressive: true }).toBuffer(),
    'progressive JPEG of 40 megapixels': await plain(40).jpeg({ progressive: true }).toBuffer(),
    'progressive JPEG of 120 megapixels': await plain(120).jpeg({ progressive: true }).toBuffer(),
    'WebP of 60 megapixels': await plain(60).webp({ effort: 0 }).toBuffer(),
    'WebP of 10 000 frames': await webpOfFrames(),
    'GIF of 100 000 frames': gifOfFrames(),
    'AVIF of 30 megapixels': await plain(30).avif({ effort: 0 }).toBuffer(),
    'TIFF of 30 megapixels': await plain(30).tiff({ compression: 'deflate' }).toBuffer(),
  };
}
