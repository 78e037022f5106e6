// What the edits are made of: pictures as raw RGB in, encoded bytes out.
import sharp from 'sharp';

/** @typedef {{ data: Buffer, width: number, height: number }} Picture raw RGB */

/** @param {Picture} picture */
export const open = ({ data, width, height }) => sharp(data, { raw: { width, height, channels: 3 } });

export const jpeg = (image, quality = 90) => image.jpeg({ quality }).toBuffer();

/** An edit that sharp can do at once. */
export const edit =
  (change, quality = 90) =>
  (picture) =>
    jpeg(change(open(picture), picture), quality);

/** @returns {Promise<Picture>} */
export async function pixels(image) {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** One edit after the other, each on the pixels that the one before left; the last one encodes. */
export const chain =
  (...steps) =>
  async (picture, random) => {
    let last = picture;
    for (const step of steps.slice(0, -1)) last = await pixels(sharp(await step(last, random)));
    return steps.at(-1)(last, random);
  };

/** @param {(tone: number, channel: number) => number} change */
export const tones = (change) =>
  edit((_, picture) => {
    const clamped = (tone) => Math.min(255, Math.max(0, Math.round(tone)));
    const tables = [0, 1, 2].map((channel) =>
      Uint8Array.from({ length: 256 }, (__, tone) => clamped(change(tone, channel))),
    );
    return open({ ...picture, data: Buffer.from(picture.data.map((tone, at) => tables[at % 3][tone])) });
  });

export const svg = (width, height, drawing) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`);

/** Draws over the picture. */
export const overlay = (draw) =>
  edit((image, { width, height }, random) =>
    image.composite([{ input: svg(width, height, draw(width, height, random)) }]),
  );

export const text = (x, y, size, words, style = '') =>
  `<text x="${x}" y="${y}" font-family="sans-serif" font-size="${size}" ${style}>${words}</text>`;
