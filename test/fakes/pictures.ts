import sharp from 'sharp';

/** A small picture of noise, as PNG; another one for each seed. */
export async function picture(seed: number): Promise<Buffer> {
  const size = 24;
  const pixels = Buffer.alloc(size * size * 3);
  let state = seed + 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}
