// Edits that leave every thing where it is: sizes, compression, tones, filters, marks.
import { chain, edit, jpeg, open, overlay, svg, text, tones } from './drawing.js';

export const scale = (factor, options) =>
  edit((image, { width, height }) =>
    image.resize(Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor)), {
      fit: 'fill',
      ...options,
    }),
  );

const stretch = (factor) =>
  edit((image, { width, height }) => image.resize(Math.round(width * factor), height, { fit: 'fill' }));

export const quality = (percent) => (picture) => jpeg(open(picture), percent);

const noise = (deviation) => (picture, random) => {
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const data = Buffer.from(
    picture.data.map((tone) => Math.min(255, Math.max(0, Math.round(tone + deviation * gauss())))),
  );
  return jpeg(open({ ...picture, data }));
};

const contrast = (factor) => tones((tone) => (tone - 128) * factor + 128);
const gamma = (exponent) => tones((tone) => 255 * (tone / 255) ** exponent);
const grey = edit((image) => image.greyscale().toColourspace('srgb'));

const sepia = edit((image) =>
  image.recomb([
    [0.393, 0.769, 0.189],
    [0.349, 0.686, 0.168],
    [0.272, 0.534, 0.131],
  ]),
);

/** A filter as telephones have them: the colours shifted, the corners darkened. */
const warm = chain(
  tones((tone, channel) => tone * [1.12, 1.02, 0.82][channel] + [10, 4, 0][channel]),
  overlay(
    (width, height) =>
      `<radialGradient id="v"><stop offset="55%" stop-opacity="0"/><stop offset="100%" stop-opacity="0.45"/></radialGradient><rect width="${width}" height="${height}" fill="url(#v)"/>`,
  ),
);
const cold = chain(
  tones((tone, channel) => (tone - 128) * 1.25 + 128 + [-12, 0, 16][channel]),
  quality(85),
);
const faded = tones((tone, channel) => tone * 0.7 + [60, 52, 58][channel]);

/** The halos and smooth surfaces of enlargers: a small copy, enlarged and sharpened hard. */
const enlarged = chain(
  scale(0.4),
  (picture) => jpeg(open(picture).median(3), 95),
  edit((image, { width, height }) =>
    image
      .resize(Math.round(width * 2.5), Math.round(height * 2.5), { kernel: 'lanczos3' })
      .sharpen({ sigma: 2, m1: 2, m2: 6 }),
  ),
);

const watermark = overlay((width, height) =>
  [0.25, 0.5, 0.75]
    .map((at) =>
      text(
        width / 2,
        height * at,
        width / 9,
        'SAMPLE COPY',
        'font-weight="bold" text-anchor="middle" fill="#fff" fill-opacity="0.35"',
      ),
    )
    .join(''),
);

const logo = overlay((width, height) => {
  const side = 0.2 * Math.min(width, height);
  const [x, y] = [width - side * 1.15, height - side * 1.15];
  return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="#d00"/><circle cx="${x + side / 2}" cy="${y + side / 2}" r="${side / 3}" fill="#fff"/>`;
});

const stickers = (picture, random) => {
  const { width, height } = picture;
  const size = 0.2 * Math.min(width, height);
  const sticker = (colour) => {
    const [x, y] = [width * (0.1 + 0.8 * random()), height * (0.1 + 0.8 * random())];
    return `<g transform="translate(${x} ${y})"><circle r="${size / 2}" fill="${colour}" stroke="#fff" stroke-width="5"/><circle cx="${-size / 6}" cy="${-size / 8}" r="${size / 14}"/><circle cx="${size / 6}" cy="${-size / 8}" r="${size / 14}"/><path d="M${-size / 4} ${size / 10}Q0 ${size / 2.5} ${size / 4} ${size / 10}" fill="none" stroke="#000" stroke-width="4"/></g>`;
  };
  const drawing = ['#fc0', '#f66', '#6cf', '#fc0'].map(sticker).join('');
  return jpeg(open(picture).composite([{ input: svg(width, height, drawing) }]));
};

const heavyText = overlay((width, height) =>
  ['NOBODY KNOWS', 'HOW MANY TIMES', 'THIS PICTURE', 'WAS COPIED']
    .map((words, line) =>
      text(
        width / 2,
        height * (0.22 + 0.23 * line),
        Math.min(height / 5.5, width / 11),
        words,
        'font-weight="bold" text-anchor="middle" fill="#fff" stroke="#000" stroke-width="4"',
      ),
    )
    .join(''),
);

/** Nothing is cut, turned or covered. */
export const TONES = {
  'resize 50 %': scale(0.5),
  'resize 25 %': scale(0.25),
  'resize 10 %': scale(0.1),
  '64 px thumbnail': edit((image) => image.resize(64, 64, { fit: 'inside' })),
  'JPEG 70': quality(70),
  'JPEG 30': quality(30),
  'JPEG 10': quality(10),
  'JPEG 5': quality(5),
  'WebP 40': (picture) => open(picture).webp({ quality: 40 }).toBuffer(),
  'brightness +25 %': tones((tone) => tone * 1.25),
  'brightness -25 %': tones((tone) => tone * 0.75),
  'contrast +40 %': contrast(1.4),
  'contrast -40 %': contrast(0.6),
  'gamma 0.6': gamma(0.6),
  'gamma 1.6': gamma(1.6),
  'saturation 1.8': edit((image) => image.modulate({ saturation: 1.8 })),
  grey,
  'grey, contrast +40 %': chain(grey, contrast(1.4)),
  sepia,
  'filter warm': warm,
  'filter cold': cold,
  'filter faded': faded,
  'palette 32': (picture) => open(picture).png({ palette: true, colours: 32 }).toBuffer(),
  'blur 1.5': edit((image) => image.blur(1.5)),
  'blur 4': edit((image) => image.blur(4)),
  'noise 15': noise(15),
  'enlarged and sharpened': enlarged,
  'aspect 1.1': stretch(1.1),
  'aspect 1.2': stretch(1.2),
};

export const MARKS = { watermark, logo, stickers, 'heavy text': heavyText };

export const INVERTED = { 'colours inverted': tones((tone) => 255 - tone) };
