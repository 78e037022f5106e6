// Made-up pictures whose hashes are as skewed as real ones: every chunk of them is that of some real picture.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeDescriptor, describe, encodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { readRaster } from '../../dist/embedded/picture/raster.js';
import { INDEXED_VIEWS } from '../../dist/embedded/picture/views.js';
import { chunked } from '../../dist/embedded/search/hash-chunks.js';
import { mulberry32 } from '../quality/random.js';

const PHOTOS = new URL('../../test/fixtures/corpus/photos/', import.meta.url);
/** Parts of each photograph, at random places, that stand for other pictures. */
const PARTS = 30;
const CHUNKS = 16;

/** @returns {Promise<{ bytes: Buffer, descriptor: Buffer }[]>} real pictures, as JPEGs, and what rows hold of them */
export async function realPictures() {
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
      pictures.push({ bytes, descriptor: encodeDescriptor(describe(await readRaster(bytes))) });
    }
  }
  return pictures;
}

/** @returns {() => Buffer} makes the encoded descriptor of another picture at each call */
export function madeUpDescriptors(pictures) {
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
