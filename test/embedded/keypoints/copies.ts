import sharp from 'sharp';
import type { GreyCopy } from '#src/embedded/keypoints/detect.js';
import { copySize, greyCopy } from '#src/embedded/picture/grey-copy.js';

/** The copy in which keypoints of a picture are looked for. */
export async function copyOf(input: string | Buffer, longest: number): Promise<GreyCopy> {
  const { autoOrient } = await sharp(input).metadata();
  return greyCopy(sharp(input).autoOrient(), copySize(autoOrient, longest));
}
