import { lumaOfRow } from './luma-rows.js';

/** The luma of a decoded picture. Rows are made when asked for, so that a picture is held once, as it was decoded. */
export interface GreyRaster {
  readonly width: number;
  readonly height: number;
  /** Writes the row `y`, counted from the top, into `row`: a byte for each pixel. */
  readRow(y: number, row: Uint8Array): void;
}

/** The colours of a decoded picture. Rows are made when asked for, as those of a GreyRaster. */
export interface ColourRaster {
  readonly width: number;
  readonly height: number;
  /** Writes the row `y`, counted from the top, into `row`: red, green, blue and alpha of each pixel, a byte each. */
  readRow(y: number, row: Uint8Array): void;
}

/** ITU-R 601-2 luma in 16-bit fixed point, rounded as Pillow rounds it. */
export function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** @param samples one or more bytes a pixel, of which the first is the grey */
export function greyRaster(samples: Uint8Array, width: number, height: number, channels: number): GreyRaster {
  return {
    width,
    height,
    readRow(y, row) {
      const start = y * width * channels;
      if (channels === 1) row.set(samples.subarray(start, start + width));
      else for (let x = 0, at = start; x < width; x++, at += channels) row[x] = samples[at]!;
    },
  };
}

/** @param samples red, green, blue and whatever follows them, a byte each */
export function rgbRaster(samples: Uint8Array, width: number, height: number, channels: number): GreyRaster {
  return {
    width,
    height,
    readRow(y, row) {
      const start = y * width * channels;
      if (channels === 3) return lumaOfRow(samples.subarray(start, start + 3 * width), row);
      for (let x = 0, at = start; x < width; x++, at += channels)
        row[x] = luma(samples[at]!, samples[at + 1]!, samples[at + 2]!);
    },
  };
}

/** The luma of rows of red, green, blue and alpha. */
export function greyOfColours({ width, height, readRow }: ColourRaster): GreyRaster {
  const colours = new Uint8Array(4 * width);
  return {
    width,
    height,
    readRow(y, row) {
      readRow(y, colours);
      for (let x = 0, at = 0; x < width; x++, at += 4)
        row[x] = luma(colours[at]!, colours[at + 1]!, colours[at + 2]!);
    },
  };
}

/** @param samples cyan, magenta, yellow, black and whatever follows them, a byte each; 255 is full ink */
export function cmykRaster(samples: Uint8Array, width: number, height: number, channels: number): GreyRaster {
  return {
    width,
    height,
    readRow(y, row) {
      for (let x = 0, at = y * width * channels; x < width; x++, at += channels) {
        const light = 255 - samples[at + 3]!;
        row[x] = luma(
          light - scaled(samples[at]!, light),
          light - scaled(samples[at + 1]!, light),
          light - scaled(samples[at + 2]!, light),
        );
      }
    },
  };
}

/** `a * b / 255`, rounded, without a division. */
function scaled(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
