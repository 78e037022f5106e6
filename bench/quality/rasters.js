// Rasters of the originals, their edited copies and their tiles, made once and kept in the cache folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { RASTER_SIZE, readRaster } from '../../dist/embedded/picture/raster.js';
import { ATTACKS } from './attacks.js';

const LONG_SIDE = 512;
/** Pictures of other contents for the false results: each original cut into 2×2 to 6×6 tiles. */
const TILINGS = [2, 3, 4, 5, 6];

/**
 * @returns {Promise<{ original: Raster, copies: Map<string, Raster>, tiles: Raster[] }>}
 */
export async function rastersOf(file, cache) {
  const folder = path.join(cache, 'rasters');
  mkdirSync(folder, { recursive: true });
  const key = createHash('sha256').update(`${TILINGS} ${file}`).digest('hex').slice(0, 16);
  const stored = path.join(folder, key);
  if (!existsSync(`${stored}.json`)) await make(file, stored);
  return load(stored);
}

async function make(file, stored) {
  const picture = await smallCopy(file, LONG_SIDE);
  const random = mulberry32(createHash('sha256').update(path.basename(file)).digest().readUInt32LE());
  const entries = [];
  const png = await sharp(picture.data, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  entries.push({ kind: 'original', name: '', raster: await readRaster(png) });
  for (const [name, attack] of Object.entries(ATTACKS)) {
    entries.push({ kind: 'copy', name, raster: await readRaster(await attack(picture, random)) });
  }
  const large = await smallCopy(file, 2 * LONG_SIDE);
  for (const tiling of TILINGS) {
    for (let place = 0; place < tiling * tiling; place++) {
      const width = Math.floor(large.width / tiling);
      const height = Math.floor(large.height / tiling);
      const tile = await sharp(large.data, { raw: { width: large.width, height: large.height, channels: 3 } })
        .extract({ left: (place % tiling) * width, top: Math.floor(place / tiling) * height, width, height })
        .jpeg({ quality: 90 })
        .toBuffer();
      entries.push({ kind: 'tile', name: `${tiling}/${place}`, raster: await readRaster(tile) });
    }
  }
  writeFileSync(`${stored}.luma`, Buffer.concat(entries.map(({ raster }) => raster.luma)));
  const facts = entries.map(({ kind, name, raster: { aspect, chroma } }) => ({ kind, name, aspect, chroma }));
  writeFileSync(`${stored}.json`, JSON.stringify(facts));
}

function load(stored) {
  const luma = readFileSync(`${stored}.luma`);
  const facts = JSON.parse(readFileSync(`${stored}.json`, 'utf8'));
  const size = RASTER_SIZE * RASTER_SIZE;
  const rasters = facts.map(({ kind, name, aspect, chroma }, index) => ({
    kind,
    name,
    raster: { luma: luma.subarray(index * size, (index + 1) * size), aspect, chroma },
  }));
  return {
    original: rasters[0].raster,
    copies: new Map(rasters.filter(({ kind }) => kind === 'copy').map(({ name, raster }) => [name, raster])),
    tiles: rasters.filter(({ kind }) => kind === 'tile').map(({ raster }) => raster),
  };
}

async function smallCopy(file, longSide) {
  const { data, info } = await sharp(file)
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** A small seeded generator, so that every run edits alike. */
export function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
