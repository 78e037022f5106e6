import { KernelArrays } from '../web-assembly.js';
import { createDetectKernels } from './detect-kernels.js';

/** One value for each pixel, row by row. */
export type Plane = Float32Array;

/** All that looking for the keypoints of one picture takes, with the kernels that work on it. */
export class Planes extends KernelArrays {
  readonly kernels = createDetectKernels(this.memory);
}

/** Stays for the next picture until the garbage is collected: some ten MB. */
let kept: WeakRef<Planes> | undefined;

/** The planes of this thread. */
export function keptPlanes(): Planes {
  const planes = kept?.deref() ?? new Planes();
  kept = new WeakRef(planes);
  return planes;
}
