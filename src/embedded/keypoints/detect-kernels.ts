import { compileKernel, type KernelMemory } from '../web-assembly.js';
import { directions, extrema, patch, scaleSpace, vectors } from './kernels.js';

/** See scale-space.wat. */
interface ScaleSpaceKernel {
  blurRows(
    from: number,
    to: number,
    width: number,
    height: number,
    row: number,
    weights: number,
    radius: number,
  ): void;
  blurColumns(from: number, to: number, width: number, height: number, weights: number, radius: number): void;
  subtract(plane: number, other: number, to: number, tones: number): void;
}

/** See extrema.wat. */
interface ExtremaKernel {
  extrema(
    below: number,
    plane: number,
    above: number,
    width: number,
    height: number,
    margin: number,
    least: number,
    to: number,
  ): number;
}

/** See directions.wat. */
interface DirectionsKernel {
  addUp(
    plane: number,
    width: number,
    left: number,
    right: number,
    top: number,
    bottom: number,
    x: number,
    y: number,
    spread: number,
    bins: number,
  ): void;
}

/** See patch.wat. */
interface PatchKernel {
  sample(
    plane: number,
    width: number,
    mostX: number,
    mostY: number,
    x: number,
    y: number,
    cos: number,
    sin: number,
    to: number,
  ): void;
  addUp(tones: number, shares: number, cells: number): void;
}

/** All kernels that look for keypoints. What is no size and no place in a picture is an address. */
export interface DetectKernels {
  readonly scaleSpace: ScaleSpaceKernel;
  readonly extrema: ExtremaKernel;
  readonly directions: DirectionsKernel;
  readonly patch: PatchKernel;
}

const instantiate = {
  vectors: compileKernel(vectors),
  scaleSpace: compileKernel(scaleSpace),
  extrema: compileKernel(extrema),
  directions: compileKernel(directions),
  patch: compileKernel(patch),
};

export function createDetectKernels(memory: KernelMemory): DetectKernels {
  const imports = { arena: { memory }, vectors: instantiate.vectors({ engine: Math }) };
  // The exports are what the .wat files declare.
  return {
    scaleSpace: instantiate.scaleSpace(imports) as ScaleSpaceKernel,
    extrema: instantiate.extrema(imports) as ExtremaKernel,
    directions: instantiate.directions(imports) as DirectionsKernel,
    patch: instantiate.patch(imports) as PatchKernel,
  };
}
