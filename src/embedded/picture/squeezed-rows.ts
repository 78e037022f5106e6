import sharp, { type Sharp } from 'sharp';
import type { Size } from '../../services/pictures.js';
import type { ColourRaster, GreyRaster } from './grey-raster.js';
import type { Raster } from './raster.js';
import { rasterFromSamples } from './read-raster.js';

/** Sides of so many samples at least are left for libvips to squeeze: four of them go into one of the result. */
const ENOUGH_SAMPLES: Size = { width: 1024, height: 1024 };

/** About as many bytes as squeezing takes beside the rows: four samples for each column and row, and a copy. */
export function squeezedRowsBytes(picture: Size, enough = ENOUGH_SAMPLES): number {
  const { width, height } = fewerSamples(picture, enough);
  return 2 * 4 * width * height;
}

/** The raster of a picture whose pixels are decoded here and not by libvips. */
export function squeezedColours(picture: ColourRaster): Promise<Raster> {
  return toRaster(picture, samplesOfColours(picture, ENOUGH_SAMPLES));
}

/**
 * A picture whose pixels are decoded here as one for libvips, with fewer pixels where that is enough.
 * @param enough the size that it is needed in
 */
export function shownColours(picture: ColourRaster, enough: Size): Sharp {
  const { samples, ...raw } = samplesOfColours(picture, enough);
  return sharp(samples, { raw, limitInputPixels: false });
}

function samplesOfColours({ width, height, readRow }: ColourRaster, enough: Size): Samples {
  const row = new Uint8Array(4 * width);
  return squeezedRows({ width, height, enough, channels: 4 }, (y) => {
    readRow(y, row);
    return row;
  });
}

/** The same of a picture of which only the luma was decoded: it counts as grey. */
export function squeezedGrey({ width, height, readRow }: GreyRaster): Promise<Raster> {
  const row = new Uint8Array(width);
  const samples = squeezedRows({ width, height, enough: ENOUGH_SAMPLES, channels: 1 }, (y) => {
    readRow(y, row);
    return row;
  });
  return toRaster({ width, height }, samples);
}

function toRaster({ width, height }: Size, { samples, ...layout }: Samples): Promise<Raster> {
  return rasterFromSamples(samples, layout, width / height);
}

interface Samples extends Size {
  samples: Uint8Array;
  channels: 1 | 4;
}

/** Puts the mean of several rows and columns in their place, so that a large picture is never held in colour. */
function squeezedRows(
  { width, height, enough, channels }: Size & { enough: Size; channels: 1 | 4 },
  readRow: (y: number) => Uint8Array,
): Samples {
  const { width: columns, height: rows } = fewerSamples({ width, height }, enough);
  const columnOf = Uint32Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width));
  const samples = new Uint8Array(columns * rows * channels);
  for (let row = 0; row < rows; row++) {
    const means = new RowMeans(columns, channels);
    const end = Math.floor(((row + 1) * height) / rows);
    for (let y = Math.floor((row * height) / rows); y < end; y++) means.add(readRow(y), columnOf);
    means.write(samples.subarray(row * columns * channels));
  }
  return { samples, width: columns, height: rows, channels };
}

function fewerSamples({ width, height }: Size, enough: Size): Size {
  return { width: fewer(width, enough.width), height: fewer(height, enough.height) };
}

function fewer(side: number, enough: number): number {
  return Math.ceil(side / Math.max(1, Math.floor(side / enough)));
}

/** The means of one row: a colour counts as much as it can be seen. */
class RowMeans {
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;
  readonly #counts: Uint32Array;
  readonly #channels: 1 | 4;

  constructor(columns: number, channels: 1 | 4) {
    this.#sums = new Float64Array(columns * 3);
    this.#weights = new Float64Array(columns);
    this.#counts = new Uint32Array(columns);
    this.#channels = channels;
  }

  add(row: Uint8Array, columnOf: Uint32Array): void {
    const step = this.#channels;
    const colours = step === 4 ? 3 : 1;
    for (let x = 0; x < columnOf.length; x++) {
      const column = columnOf[x]!;
      const weight = step === 4 ? row[4 * x + 3]! : 255;
      for (let c = 0; c < colours; c++) this.#sums[3 * column + c]! += row[step * x + c]! * weight;
      this.#weights[column]! += weight;
      this.#counts[column]!++;
    }
  }

  write(samples: Uint8Array): void {
    const step = this.#channels;
    const colours = step === 4 ? 3 : 1;
    for (let column = 0; column < this.#counts.length; column++) {
      const weight = this.#weights[column]!;
      for (let c = 0; c < colours; c++)
        samples[step * column + c] = weight === 0 ? 0 : Math.round(this.#sums[3 * column + c]! / weight);
      if (step === 4) samples[4 * column + 3] = Math.round(weight / this.#counts[column]!);
    }
  }
}
