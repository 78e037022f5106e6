// Edits that put a picture into another one: borders, bars, screens, collages.
import sharp from 'sharp';
import { edit, jpeg, open, pixels, svg, text } from './drawing.js';

const extend = (across, down, background) =>
  edit((image, { width, height }) => {
    const [left, top] = [Math.round(width * across), Math.round(height * down)];
    return image.extend({ left, right: left, top, bottom: top, background });
  });

/** The picture at a place of a drawn canvas. */
async function placed(drawing, { width, height }, picture, { left, top }) {
  const input = await open(picture).png({ compressionLevel: 1 }).toBuffer();
  return jpeg(
    sharp(svg(width, height, drawing))
      .flatten({ background: '#ffffff' })
      .composite([{ input, left: Math.round(left), top: Math.round(top) }]),
  );
}

const resized = (picture, width, height) => pixels(open(picture).resize(width, height, { fit: 'cover' }));

const meme = (picture) => {
  const bar = Math.round(picture.height * 0.22);
  const { width } = picture;
  const drawing =
    `<rect width="100%" height="100%" fill="#fff"/>` +
    text(width / 2, bar * 0.42, width / 16, 'nobody:', 'font-weight="bold" text-anchor="middle"') +
    text(
      width / 2,
      bar * 0.82,
      width / 16,
      'absolutely nobody at all:',
      'font-weight="bold" text-anchor="middle"',
    );
  return placed(drawing, { width, height: picture.height + bar }, picture, { left: 0, top: bar });
};

/** A browser's window, with tabs, an address and a column beside the picture. */
const browser = (picture) => {
  const width = Math.round(picture.width * 1.5);
  const top = Math.round(picture.height * 0.24);
  const height = Math.round(picture.height * 1.4);
  const lines = Array.from({ length: 9 }, (_, line) => {
    const y = top + (line * height) / 13;
    return `<rect x="${picture.width * 1.14}" y="${y}" width="${picture.width * (0.2 + ((line * 7) % 5) * 0.02)}" height="${height / 50}" fill="#99a"/>`;
  });
  const drawing = `<rect width="100%" height="100%" fill="#fff"/>
    <rect width="100%" height="${top * 0.6}" fill="#dee1e6"/>
    <rect x="${width * 0.03}" y="${top * 0.06}" width="${width * 0.25}" height="${top * 0.25}" fill="#fff"/>
    ${text(width * 0.05, top * 0.23, top * 0.14, 'A gallery of views')}
    <rect x="${width * 0.12}" y="${top * 0.36}" width="${width * 0.7}" height="${top * 0.18}" rx="8" fill="#fff"/>
    ${text(width * 0.14, top * 0.5, top * 0.12, 'https://gallery.example/views/1234', 'fill="#444"')}
    ${lines.join('')}
    ${text(picture.width * 0.08, top * 0.88, top * 0.2, 'Picture of the day', 'font-weight="bold"')}`;
  return placed(drawing, { width, height }, picture, { left: picture.width * 0.06, top });
};

/** A telephone's screen: the picture fills the width, bars with the time and some words the rest. */
const phone = (share) => (picture) => {
  const { width } = picture;
  const height = Math.round(picture.height / share);
  const top = Math.round((height - picture.height) * 0.45);
  const below = top + picture.height;
  const size = width / 24;
  const words = ['Look at what I found today', '128 likes', 'View all 12 comments', 'Two hours ago'];
  const fitting = share > 0.7 ? 0 : Math.floor((height - below) / (2 * size)) - 1;
  const drawing =
    `<rect width="100%" height="100%" fill="#fff"/>` +
    text(width * 0.05, size * 1.4, size, '12:34', 'font-weight="bold"') +
    `<rect x="${width * 0.88}" y="${size * 0.7}" width="${size * 1.6}" height="${size * 0.8}" rx="3"/>` +
    words
      .slice(0, Math.max(0, fitting))
      .map((line, at) => text(width * 0.05, below + size * (2 * at + 1.6), size, line))
      .join('');
  return placed(drawing, { width, height }, picture, { left: 0, top });
};

const collage = async (picture, random, others) => {
  const [width, height] = [Math.round(picture.width / 2), Math.round(picture.height / 2)];
  const four = [picture, ...others.slice(0, 3)];
  const own = Math.floor(random() * 4);
  [four[0], four[own]] = [four[own], four[0]];
  const parts = await Promise.all(
    four.map(async (each, at) => ({
      input: (await resized(each, width, height)).data,
      raw: { width, height, channels: 3 },
      left: (at % 2) * width,
      top: Math.floor(at / 2) * height,
    })),
  );
  const canvas = { width: 2 * width, height: 2 * height, channels: 3, background: '#ffffff' };
  return jpeg(sharp({ create: canvas }).composite(parts));
};

const pasted = async (picture, random, [ground]) => {
  const canvas = await resized(ground, picture.width, picture.height);
  const small = await pixels(open(picture).resize(Math.round(picture.width * 0.5)));
  const left = Math.round((canvas.width - small.width) * random());
  const top = Math.round((canvas.height - small.height) * random());
  const raw = { width: small.width, height: small.height, channels: 3 };
  return jpeg(open(canvas).composite([{ input: small.data, raw, left, top }]));
};

/** As wide as high, the sides filled with the picture itself, blurred. */
const paddedWithBlur = async (picture) => {
  const side = Math.round(Math.max(picture.width, picture.height) * 1.1);
  const ground = open(picture).resize(side, side, { fit: 'cover' }).blur(20);
  const raw = { width: picture.width, height: picture.height, channels: 3 };
  return jpeg(ground.composite([{ input: picture.data, raw }]));
};

const roundedFrame = async (picture) => {
  const { width, height } = picture;
  const edge = Math.round(0.04 * Math.min(width, height));
  const mask = `<path fill-rule="evenodd" fill="#f4efe6" d="M0 0H${width}V${height}H0Z
    M${2 * edge} ${edge}H${width - 2 * edge}Q${width - edge} ${edge} ${width - edge} ${2 * edge}
    V${height - 2 * edge}Q${width - edge} ${height - edge} ${width - 2 * edge} ${height - edge}
    H${2 * edge}Q${edge} ${height - edge} ${edge} ${height - 2 * edge}V${2 * edge}Q${edge} ${edge} ${2 * edge} ${edge}Z"/>`;
  return jpeg(open(picture).composite([{ input: svg(width, height, mask) }]));
};

/** From the side, with the lines of the screen and a lamp's light. */
const photoOfScreen = (picture) => {
  const { width, height, data } = picture;
  const shot = Buffer.alloc(width * height * 3, 24);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // The far side, to the right, is smaller.
      const depth = 1 + 0.16 * (x / width);
      const u = ((x / width - 0.06) / 0.88) * (depth / 1.08);
      const v = 0.5 + ((y / height - 0.5) / 0.86) * depth;
      if (u < 0 || v < 0 || u >= 1 || v >= 1) continue;
      const at = (Math.floor(v * height) * width + Math.floor(u * width)) * 3;
      const moire = 10 * Math.sin(x * 0.9 + y * 0.13) + 6 * Math.sin(y * 1.1);
      const light = 34 * Math.exp(-(((x / width - 0.75) / 0.25) ** 2) - ((y / height - 0.25) / 0.3) ** 2);
      for (let c = 0; c < 3; c++)
        shot[(y * width + x) * 3 + c] = Math.min(255, Math.max(0, data[at + c] * 0.88 + 12 + moire + light));
    }
  }
  return jpeg(open({ data: shot, width, height }).blur(0.6), 80);
};

export const BORDERS = {
  'border 5 %': extend(0.05, 0.05, '#ffffff'),
  'border 10 %': extend(0.1, 0.1, '#000000'),
  letterbox: extend(0, 0.17, '#000000'),
};

export const FRAMES = {
  'rounded frame': roundedFrame,
  'padded with blur': paddedWithBlur,
  'meme bar': meme,
  'browser screenshot': browser,
  'phone screenshot 80 %': phone(0.8),
  'phone screenshot 60 %': phone(0.6),
  'phone screenshot 40 %': phone(0.4),
  'photo of a screen': photoOfScreen,
};

/** These show other pictures as well, and finding those is right. */
export const AMONG_OTHERS = { '2×2 collage': collage, 'pasted on another picture': pasted };
