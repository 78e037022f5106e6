// Originals, their edited copies and their tiles as files, made once and kept in the cache folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { EDITS } from './edits/edits.js';
import { mulberry32, seedOf } from './random.js';

/** Copies are made of pictures with this long side, as photographs are shared. */
const LONG_SIDE = 512;
/** Parts of photographs and wallpapers stand for other pictures: each cut into 2×2 and 3×3 tiles. */
const TILINGS = [2, 3];

/**
 * @typedef {object} Item a file that is searched for or found
 * @property {import('./sources.js').Source} source
 * @property {'original' | 'copy' | 'tile'} kind
 * @property {string} edit of a copy
 * @property {import('./sources.js').Source[]} others that a copy shows as well
 * @property {string} file
 */

/**
 * @param {import('./sources.js').Source[]} sources
 * @param {{ cache: string, shares: Record<string, number> }} options shares: which part of the pairs of picture and edit
 *   is made, by class; drawn by a hash, the same in every run
 * @returns {Promise<Item[]>}
 */
export async function itemsOf(sources, { cache, shares }) {
  const folder = path.join(cache, 'quality', versionOfEdits());
  mkdirSync(folder, { recursive: true });
  const photographs = sources.filter((source) => source.class === 'photograph');
  const items = [];
  for (const source of sources) {
    const maker = new Maker(source, folder, othersFor(source, photographs));
    items.push(await maker.original());
    if (source.asks)
      for (const edit of Object.keys(EDITS))
        if (isDrawn(source, edit, shares[source.class])) items.push(await maker.copy(edit));
    if (source.class === 'photograph' || source.class === 'wallpaper') items.push(...(await maker.tiles()));
  }
  return items;
}

function versionOfEdits() {
  const folder = new URL('./edits/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}

function isDrawn(source, edit, share) {
  return seedOf(`${source.id} ${edit}`) / 2 ** 32 < share;
}

/** Three photographs of the same half. */
function othersFor(source, photographs) {
  const partners = photographs.filter((each) => each.heldOut === source.heldOut && each !== source);
  const first = seedOf(source.id);
  return [0, 1, 2].map((at) => partners[(first + 7 * at) % partners.length]);
}

class Maker {
  #source;
  #folder;
  #others;
  #key;

  constructor(source, folder, others) {
    this.#source = source;
    this.#folder = folder;
    this.#others = others;
    this.#key = createHash('sha256').update(source.id).digest('hex').slice(0, 16);
  }

  async original() {
    return this.#item('original', '', async () => {
      const picture = await small(this.#source, LONG_SIDE);
      return sharp(picture.data, { raw: { ...picture, channels: 3 } })
        .png({ compressionLevel: 3 })
        .toBuffer();
    });
  }

  async copy(edit) {
    return this.#item('copy', edit, async () => {
      const picture = await small(this.#source, LONG_SIDE);
      const others = [];
      for (const other of this.#others) others.push(await small(other, LONG_SIDE));
      return EDITS[edit](picture, mulberry32(seedOf(`${this.#source.id} ${edit}`)), others);
    });
  }

  async tiles() {
    const tiles = [];
    for (const tiling of TILINGS) {
      for (let place = 0; place < tiling * tiling; place++) {
        tiles.push(await this.#item('tile', `${tiling}-${place}`, () => this.#tile(tiling, place)));
      }
    }
    return tiles;
  }

  async #tile(tiling, place) {
    const large = await small(this.#source, 2 * LONG_SIDE);
    const width = Math.floor(large.width / tiling);
    const height = Math.floor(large.height / tiling);
    const left = (place % tiling) * width;
    const top = Math.floor(place / tiling) * height;
    return sharp(large.data, { raw: { ...large, channels: 3 } })
      .extract({ left, top, width, height })
      .jpeg({ quality: 90 })
      .toBuffer();
  }

  async #item(kind, name, make) {
    const file = path.join(
      this.#folder,
      `${this.#key}-${kind}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`,
    );
    if (!existsSync(file)) writeFileSync(file, await make());
    return { source: this.#source, kind, edit: name, others: this.#others, file };
  }
}

const recent = new Map();

/** A picture in a size, upright and on white. The last ones are remembered: a source is edited many times. */
async function small(source, longSide) {
  const key = `${longSide} ${source.id}`;
  const known = recent.get(key);
  if (known) return known;
  const { data, info } = await sharp(await source.bytes())
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const picture = { data, width: info.width, height: info.height };
  recent.set(key, picture);
  if (recent.size > 100) recent.delete(recent.keys().next().value);
  return picture;
}
