import sharp from 'sharp';

const SIZE = 24;

/** A small picture of noise, as PNG; another one for each seed. */
export function picture(seed: number): Promise<Buffer> {
  return png(noise(seed));
}

/** A small picture of noise, as PNG; always the same noise, and darker with each number from 0 to 15. */
export function lookAlike(nth: number): Promise<Buffer> {
  return png(noise(0).map((value) => value * (1 - nth / 32)));
}

function noise(seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function png(pixels: Uint8Array): Promise<Buffer> {
  return sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 3 } })
    .png()
    .toBuffer();
}
