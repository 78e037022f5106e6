// Made-up pictures whose hashes and codes are as skewed as real ones: every chunk of them is that of some real picture.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { describePicture } from '../../dist/embedded/picture/read-picture.js';
import { INDEXED_VIEWS } from '../../dist/embedded/picture/views.js';
import { chunked } from '../../dist/embedded/search/hash-chunks.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { mulberry32 } from '../quality/random.js';

const PHOTOS = new URL('../../test/fixtures/corpus/photos/', import.meta.url);
/** Parts of each photograph, at random places, that stand for other pictures. */
const PARTS = 30;
const CHUNKS = 16;

/**
 * A picture as JPEG, and what rows hold of it.
 * @typedef {{ bytes: Buffer, descriptor: Buffer, keypoints: Buffer }} RealPicture
 */

/** @returns {Promise<RealPicture[]>} */
export async function realPictures() {
  const folder = makeFolder();
  try {
    return await partsOfPhotos(join(folder, 'part.jpg'));
  } finally {
    removeFolder(folder);
  }
}

async function partsOfPhotos(file) {
  const random = mulberry32(1);
  const pictures = [];
  for (const name of readdirSync(PHOTOS).sort()) {
    const { data, info } = await sharp(fileURLToPath(new URL(name, PHOTOS)))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (let part = 0; part < PARTS; part++) {
      const share = 0.25 + 0.5 * random();
      const [width, height] = [Math.round(info.width * share), Math.round(info.height * share)];
      const left = Math.floor((info.width - width) * random());
      const top = Math.floor((info.height - height) * random());
      const bytes = await sharp(data, { raw: info }).extract({ left, top, width, height }).jpeg().toBuffer();
      writeFileSync(file, bytes);
      pictures.push({ bytes, ...(await describePicture(file, { maxPixels: 1e9 }, async () => {})) });
    }
  }
  return pictures;
}

/** @returns {() => { descriptor: Buffer, keypoints: Buffer }} makes what rows hold of another picture at each call */
export function madeUpRows(pictures) {
  const [descriptor, keypoints] = [madeUpDescriptors(pictures), madeUpKeypoints(pictures)];
  return () => ({ descriptor: descriptor(), keypoints: keypoints() });
}

/** As many keypoints as some picture has; what each is made of is that of four others. */
function madeUpKeypoints(pictures) {
  const random = mulberry32(3);
  const all = pictures.flatMap(({ keypoints }) => {
    const count = (keypoints.length - KEYPOINTS_HEADER) / KEYPOINT_BYTES;
    return Array.from({ length: count }, (_, at) =>
      keypoints.subarray(
        KEYPOINTS_HEADER + at * KEYPOINT_BYTES,
        KEYPOINTS_HEADER + (at + 1) * KEYPOINT_BYTES,
      ),
    );
  });
  return () => {
    const made = Buffer.from(pictures[Math.floor(random() * pictures.length)].keypoints);
    for (let at = KEYPOINTS_HEADER; at < made.length; at += KEYPOINT_BYTES)
      for (const [from, to] of KEYPOINT_PARTS)
        all[Math.floor(random() * all.length)].copy(made, at + from, from, to);
    return made;
  };
}

const KEYPOINTS_HEADER = 8;
const KEYPOINT_BYTES = 16;
/** Chunks of the code, and its place and weak bits. */
const KEYPOINT_PARTS = [
  [0, 2],
  [2, 4],
  [4, 8],
  [8, 16],
];

function madeUpDescriptors(pictures) {
  const random = mulberry32(2);
  const any = (list) => list[Math.floor(random() * list.length)];
  const parts = pictures.map(({ descriptor }) => chunkPartsOf(decodeDescriptor(descriptor)));
  return () => {
    const bytes = Buffer.from(any(pictures).descriptor);
    const { views, whole, busy } = decodeDescriptor(bytes);
    for (const look of [views, whole, busy]) {
      look?.slice(0, INDEXED_VIEWS).forEach(({ hash }, plane) => {
        hash.fill(0);
        for (let chunk = 0; chunk < CHUNKS; chunk++)
          for (const [at, bits] of any(parts)[plane][chunk]) hash[at] |= bits;
      });
    }
    return bytes;
  };
}

/** By plane and chunk: the bytes of the hash that have bits of the chunk, and these bits. */
function chunkPartsOf({ views }) {
  return views
    .slice(0, INDEXED_VIEWS)
    .map(({ hash }) =>
      MASKS.map((mask) =>
        [...mask].flatMap((bits, at) => ((hash[at] & bits) > 0 ? [[at, hash[at] & bits]] : [])),
      ),
    );
}

/** Which bits of a hash are in each chunk. */
const MASKS = Array.from({ length: CHUNKS }, () => new Uint8Array(32));
for (let bit = 0; bit < 256; bit++) {
  const single = new Uint8Array(32);
  single[bit >> 3] = 1 << (bit & 7);
  const byte = chunked(single).findIndex((bits) => bits > 0);
  MASKS[byte >> 1][bit >> 3] |= 1 << (bit & 7);
}
