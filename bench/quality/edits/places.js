// Edits that move things: crops, turns, mirrors, and what people do one after the other.
import { chain, edit, jpeg, open } from './drawing.js';
import { quality, scale } from './tones.js';

/** Keeps `kept` of each side; x and y say where, from 0 (left, top) to 1. */
const crop = (across, down, x, y) =>
  edit((image, picture) => {
    const width = Math.max(1, Math.round(picture.width * across));
    const height = Math.max(1, Math.round(picture.height * down));
    const left = Math.round((picture.width - width) * x);
    const top = Math.round((picture.height - height) * y);
    return image.extract({ left, top, width, height });
  }, 95);

const centreCrop = (cut) => crop(1 - cut, 1 - cut, 0.5, 0.5);
const offCentreCrop = (cut) => (picture, random) => crop(1 - cut, 1 - cut, random(), random())(picture);
const cornerCrop = (cut) => (picture, random) =>
  crop(1 - cut, 1 - cut, random() < 0.5 ? 0 : 1, random() < 0.5 ? 0 : 1)(picture);

/** Half of the longer side is left. */
const half = (picture, random) => {
  const wide = picture.width >= picture.height;
  return crop(wide ? 0.5 : 1, wide ? 1 : 0.5, random(), random())(picture);
};

/** Of the middle 16:9 of the picture as much as has the aspect. */
const reframed = (aspect) => (picture) => {
  const wide = Math.min(1, (picture.height * 16) / 9 / picture.width);
  const low = Math.min(1, (picture.width * 9) / 16 / picture.height);
  const now = (picture.width * wide) / (picture.height * low);
  return crop(wide * Math.min(1, aspect / now), low * Math.min(1, now / aspect), 0.5, 0.5)(picture);
};

/** The middle part, as large as the whole was. */
const zoom = (factor) =>
  chain(centreCrop(1 - 1 / factor), (picture) =>
    jpeg(open(picture).resize(Math.round(picture.width * factor), Math.round(picture.height * factor))),
  );

/** Rotated; the canvas grows with it. */
const rotateGrown = (degrees) => edit((image) => image.rotate(degrees, { background: '#ffffff' }));

/** Rotated; the canvas keeps `kept(width, height)` of its sides, 1 for all. */
const rotateKept = (degrees, kept) => async (picture) => {
  const { data, info } = await open(picture)
    .rotate(degrees, { background: '#000000' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const share = kept(picture.width, picture.height);
  const width = Math.min(info.width, Math.round(picture.width * share));
  const height = Math.min(info.height, Math.round(picture.height * share));
  const left = Math.round((info.width - width) / 2);
  const top = Math.round((info.height - height) / 2);
  return jpeg(open({ data, ...info }).extract({ left, top, width, height }));
};
const rotate = (degrees) => rotateKept(degrees, () => 1);

/** Rotated and cut so that no corner is empty, as a telephone straightens a horizon. */
const straighten = (degrees) =>
  rotateKept(degrees, (width, height) => {
    const angle = (Math.abs(degrees) * Math.PI) / 180;
    return 1 / (Math.cos(angle) + (Math.max(width, height) / Math.min(width, height)) * Math.sin(angle));
  });

const mirror = edit((image) => image.flop());

export const UPRIGHT_TURNS = {
  'rotate 90°': edit((image) => image.rotate(90)),
  'rotate 180°': edit((image) => image.rotate(180)),
  mirror,
};

export const CROPS = {
  'centre crop 5 %': centreCrop(0.05),
  'centre crop 10 %': centreCrop(0.1),
  'centre crop 20 %': centreCrop(0.2),
  'centre crop 30 %': centreCrop(0.3),
  'corner crop 10 %': cornerCrop(0.1),
  'corner crop 20 %': cornerCrop(0.2),
  'corner crop 20 %, JPEG 50': chain(cornerCrop(0.2), quality(50)),
  'off-centre crop 15 %': offCentreCrop(0.15),
  'off-centre crop 20 %': offCentreCrop(0.2),
  'off-centre crop 25 %': offCentreCrop(0.25),
  'off-centre crop 30 %': offCentreCrop(0.3),
  'off-centre crop 40 %': offCentreCrop(0.4),
  '16:9 to 1:1': reframed(1),
  '16:9 to 4:5': reframed(4 / 5),
  '16:9 to 9:16': reframed(9 / 16),
  'half of it': half,
  'zoom 1.5': zoom(1.5),
  'zoom 2': zoom(2),
};

export const TURNS = {
  'rotate 2°': rotate(2),
  'rotate 5°': rotate(-5),
  'rotate 10°': rotate(10),
  'rotate 15°': rotate(-15),
  'rotate 30°': rotate(30),
  'rotate 15°, grown': rotateGrown(15),
  'rotate 30°, grown': rotateGrown(-30),
  'rotate 5° and crop': straighten(5),
};

export const CHAINS = {
  'crop 10 %, half size, JPEG 40': chain(offCentreCrop(0.1), scale(0.5), quality(40)),
  'crop 10 %, half size, JPEG 40, mirror': chain(offCentreCrop(0.1), mirror, scale(0.5), quality(40)),
  'crop 20 %, half size, JPEG 40': chain(offCentreCrop(0.2), scale(0.5), quality(40)),
  'mirror, crop 12 %, JPEG 50': chain(mirror, offCentreCrop(0.12), quality(50)),
  'mirror, crop 20 %': chain(mirror, offCentreCrop(0.2)),
};
