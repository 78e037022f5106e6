import type { GreyRaster } from '#src/embedded/picture/grey-raster.js';

export function rowsOf({ width, height, readRow }: GreyRaster): number[][] {
  return Array.from({ length: height }, (_, y) => {
    const row = new Uint8Array(width);
    readRow(y, row);
    return Array.from(row);
  });
}
