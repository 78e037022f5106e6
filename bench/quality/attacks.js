// What people do to pictures. Each attack takes a picture as raw RGB and gives the bytes of an edited copy.
import sharp from 'sharp';

/** @typedef {{ data: Buffer, width: number, height: number }} Picture */

const open = ({ data, width, height }) => sharp(data, { raw: { width, height, channels: 3 } });
const jpeg = (image, quality = 90) => image.jpeg({ quality }).toBuffer();
const edit = (change) => (picture) => jpeg(change(open(picture), picture));

const scale = (factor) =>
  edit((image, { width, height }) =>
    image.resize(Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor)), {
      fit: 'fill',
    }),
  );

const stretch = (factor) =>
  edit((image, { width, height }) => image.resize(Math.round(width * factor), height, { fit: 'fill' }));

const tones = (change) =>
  edit((_, picture) => {
    const table = Uint8Array.from({ length: 256 }, (_, tone) => Math.min(255, Math.max(0, change(tone))));
    return open({ ...picture, data: Buffer.from(picture.data.map((tone) => table[tone])) });
  });

const noise = (deviation) => (picture, random) => {
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const data = Buffer.from(
    picture.data.map((tone) => Math.min(255, Math.max(0, Math.round(tone + deviation * gauss())))),
  );
  return jpeg(open({ ...picture, data }));
};

/** Keeps `kept` of each side; x and y say where, from 0 (left, top) to 1. */
const crop = (kept, x, y) =>
  edit((image, picture) => {
    const width = Math.round(picture.width * kept);
    const height = Math.round(picture.height * kept);
    const left = Math.round((picture.width - width) * x);
    const top = Math.round((picture.height - height) * y);
    return image.extract({ left, top, width, height });
  });

const centreCrop = (cut) => crop(1 - cut, 0.5, 0.5);
const offCentreCrop = (cut) => (picture, random) => crop(1 - cut, random(), random())(picture);
const cornerCrop = (cut) => (picture, random) =>
  crop(1 - cut, random() < 0.5 ? 0 : 1, random() < 0.5 ? 0 : 1)(picture);

const extend = (across, down, background) =>
  edit((image, { width, height }) => {
    const [left, top] = [Math.round(width * across), Math.round(height * down)];
    return image.extend({ left, right: left, top, bottom: top, background });
  });

/** Rotated; the canvas grows with it. */
const rotateGrown = (degrees) => edit((image) => image.rotate(degrees, { background: '#ffffff' }));

/** Rotated; the canvas keeps `kept(width, height)` of its sides, 1 for all. */
const rotateKept = (degrees, kept) => async (picture) => {
  const rotated = await open(picture)
    .rotate(degrees, { background: '#000000' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const share = kept(picture.width, picture.height);
  const width = Math.round(picture.width * share);
  const height = Math.round(picture.height * share);
  const left = Math.round((rotated.info.width - width) / 2);
  const top = Math.round((rotated.info.height - height) / 2);
  return jpeg(
    open({ data: rotated.data, width: rotated.info.width, height: rotated.info.height }).extract({
      left,
      top,
      width,
      height,
    }),
  );
};
const rotate = (degrees) => rotateKept(degrees, () => 1);

/** Rotated and cut so that no corner is empty, as a telephone straightens a horizon. */
const straighten = (degrees) =>
  rotateKept(degrees, (width, height) => {
    const angle = (Math.abs(degrees) * Math.PI) / 180;
    return 1 / (Math.cos(angle) + (Math.max(width, height) / Math.min(width, height)) * Math.sin(angle));
  });

const overlay = (draw) =>
  edit((image, { width, height }) =>
    image.composite([
      { input: Buffer.from(`<svg width="${width}" height="${height}">${draw(width, height)}</svg>`) },
    ]),
  );

const text = (x, y, size, words, style) =>
  `<text x="${x}" y="${y}" font-family="sans-serif" font-weight="bold" font-size="${size}" ${style}>${words}</text>`;

const watermark = overlay((width, height) =>
  [0.25, 0.5, 0.75]
    .map((at) =>
      text(
        width / 2,
        height * at,
        width / 9,
        'SAMPLE COPY',
        'text-anchor="middle" fill="#fff" fill-opacity="0.35"',
      ),
    )
    .join(''),
);

const logo = overlay((width, height) => {
  const side = 0.2 * Math.min(width, height);
  const [x, y] = [width - side * 1.15, height - side * 1.15];
  return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="#d00"/><circle cx="${x + side / 2}" cy="${y + side / 2}" r="${side / 3}" fill="#fff"/>`;
});

const caption = overlay((width, height) => {
  const style = 'text-anchor="middle" fill="#fff" stroke="#000" stroke-width="2"';
  const size = height / 8;
  return (
    text(width / 2, size * 1.1, size, 'WHEN YOU SEE', style) +
    text(width / 2, height * 0.96, size, 'A LOOKALIKE', style)
  );
});

/** A window with a title bar and a button row, on a desk. */
const screenshot = async (picture) => {
  const { width, height } = picture;
  const [outerWidth, outerHeight] = [Math.round(width * 1.3), Math.round(height * 1.4)];
  const [left, top] = [Math.round(width * 0.12), Math.round(height * 0.22)];
  const frame = `<svg width="${outerWidth}" height="${outerHeight}">
    <rect width="100%" height="100%" fill="#3a6ea5"/>
    <rect x="${left - 4}" y="${top * 0.6}" width="${width + 8}" height="${height + top * 0.4 + 24}" fill="#eee"/>
    <rect x="${left - 4}" y="${top * 0.6}" width="${width + 8}" height="${top * 0.3}" fill="#225"/>
    ${text(left, top * 0.82, top * 0.2, 'Image viewer', 'fill="#fff"')}
    <rect y="${outerHeight - 24}" width="100%" height="24" fill="#222"/></svg>`;
  const inner = await open(picture).png().toBuffer();
  return jpeg(
    sharp(Buffer.from(frame))
      .flatten()
      .composite([{ input: inner, left, top }]),
  );
};

/** A picture that went through a few hands. */
const handedOn = async (picture) => {
  const { data, info } = await open(picture)
    .extract({
      left: Math.round(picture.width * 0.02),
      top: Math.round(picture.height * 0.03),
      width: Math.round(picture.width * 0.95),
      height: Math.round(picture.height * 0.95),
    })
    .linear(1.1, 8)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return jpeg(
    open({ data, width: info.width, height: info.height }).resize(Math.round(info.width * 0.5)),
    40,
  );
};

/** @type {Record<string, (picture: Picture, random: () => number) => Promise<Buffer>>} */
export const ATTACKS = {
  'resize 50 %': scale(0.5),
  'resize 25 %': scale(0.25),
  'resize 10 %': scale(0.1),
  'JPEG 70': (picture) => jpeg(open(picture), 70),
  'JPEG 30': (picture) => jpeg(open(picture), 30),
  'JPEG 10': (picture) => jpeg(open(picture), 10),
  'WebP 40': (picture) => open(picture).webp({ quality: 40 }).toBuffer(),
  'brightness +25 %': tones((tone) => tone * 1.25),
  'brightness -25 %': tones((tone) => tone * 0.75),
  'contrast +40 %': tones((tone) => (tone - 128) * 1.4 + 128),
  'contrast -40 %': tones((tone) => (tone - 128) * 0.6 + 128),
  'gamma 0.6': tones((tone) => 255 * (tone / 255) ** 0.6),
  'gamma 1.6': tones((tone) => 255 * (tone / 255) ** 1.6),
  grey: edit((image) => image.greyscale().toColourspace('srgb')),
  'blur 1.5': edit((image) => image.blur(1.5)),
  'blur 4': edit((image) => image.blur(4)),
  'noise 15': noise(15),
  'palette 32': (picture) => open(picture).png({ palette: true, colours: 32 }).toBuffer(),
  'aspect 1.1': stretch(1.1),
  'aspect 1.25': stretch(1.25),
  'rotate 90°': edit((image) => image.rotate(90)),
  'rotate 180°': edit((image) => image.rotate(180)),
  mirror: edit((image) => image.flop()),
  'mirror and 90°': (picture) => jpeg(open(picture).rotate(90).flop()),
  'border 3 %': extend(0.03, 0.03, '#ffffff'),
  'border 7 %': extend(0.07, 0.07, '#808080'),
  'border 10 %': extend(0.1, 0.1, '#000000'),
  letterbox: extend(0, 0.17, '#000000'),
  'pillar box': extend(0.25, 0, '#000000'),
  'centre crop 5 %': centreCrop(0.05),
  'centre crop 10 %': centreCrop(0.1),
  'centre crop 15 %': centreCrop(0.15),
  'centre crop 20 %': centreCrop(0.2),
  'centre crop 25 %': centreCrop(0.25),
  'off-centre crop 5 %': offCentreCrop(0.05),
  'off-centre crop 10 %': offCentreCrop(0.1),
  'off-centre crop 15 %': offCentreCrop(0.15),
  'off-centre crop 20 %': offCentreCrop(0.2),
  'off-centre crop 25 %': offCentreCrop(0.25),
  'corner crop 5 %': cornerCrop(0.05),
  'corner crop 10 %': cornerCrop(0.1),
  'corner crop 15 %': cornerCrop(0.15),
  'rotate 1°': rotate(1),
  'rotate 2°': rotate(2),
  'rotate 3°': rotate(-3),
  'rotate 4°': rotate(4),
  'rotate 5°': rotate(5),
  'rotate 7°': rotate(-7),
  'rotate 2°, grown': rotateGrown(2),
  'rotate 5°, grown': rotateGrown(-5),
  'straighten 2°': straighten(-2),
  'straighten 5°': straighten(5),
  watermark,
  logo,
  caption,
  'screenshot frame': screenshot,
  'handed on': handedOn,
};
