import type { GreyRaster } from './grey-raster.js';
import { type Raster, rasterFromSamples } from './raster.js';

/** The colours of a decoded picture. Rows are made when asked for, as those of a GreyRaster. */
export interface ColourRaster {
  readonly width: number;
  readonly height: number;
  /** Writes the row `y`, counted from the top, into `row`: red, green, blue and alpha of each pixel, a byte each. */
  readRow(y: number, row: Uint8Array): void;
}

/** A side of so many samples at least is left for libvips to squeeze: four of them go into one of the result. */
const ENOUGH_SAMPLES = 1024;

/** About as many bytes as squeezing takes beside the rows: four samples for each column and row, and a copy. */
export function squeezedRowsBytes(width: number, height: number): number {
  return 2 * 4 * fewer(width) * fewer(height);
}

/** The raster of a picture whose pixels are decoded here and not by libvips. */
export function squeezedColours({ width, height, readRow }: ColourRaster): Promise<Raster> {
  const row = new Uint8Array(4 * width);
  return squeezedRows(width, height, 4, (y) => {
    readRow(y, row);
    return row;
  });
}

/** The same of a picture of which only the luma was decoded: it counts as grey. */
export function squeezedGrey({ width, height, readRow }: GreyRaster): Promise<Raster> {
  const row = new Float64Array(width);
  return squeezedRows(width, height, 1, (y) => {
    readRow(y, row);
    return row;
  });
}

/** Puts the mean of several rows and columns in their place, so that a large picture is never held in colour. */
async function squeezedRows(
  width: number,
  height: number,
  channels: 1 | 4,
  readRow: (y: number) => Uint8Array | Float64Array,
): Promise<Raster> {
  const columns = fewer(width);
  const rows = fewer(height);
  const columnOf = Uint32Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width));
  const samples = new Uint8Array(columns * rows * channels);
  for (let row = 0; row < rows; row++) {
    const means = new RowMeans(columns, channels);
    const end = Math.floor(((row + 1) * height) / rows);
    for (let y = Math.floor((row * height) / rows); y < end; y++) means.add(readRow(y), columnOf);
    means.write(samples.subarray(row * columns * channels));
  }
  return rasterFromSamples(samples, { width: columns, height: rows, channels }, width / height);
}

function fewer(side: number): number {
  return Math.ceil(side / Math.max(1, Math.floor(side / ENOUGH_SAMPLES)));
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

  add(row: Uint8Array | Float64Array, columnOf: Uint32Array): void {
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
