import { compileKernel, type KernelMemory } from '../web-assembly.js';
import { directions, extrema, patch, scaleSpace, vectors } from './kernels.js';

/** See vectors.wat. */
interface VectorsKernel {
  toPolar(x: number, end: number, y: number, known: number): void;
  toPowers(at: number, end: number): void;
}

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
  addUpDirections(
    plane: number,
    width: number,
    left: number,
    right: number,
    top: number,
    bottom: number,
    x: number,
    y: number,
    spread: number,
    room: number,
    roomBytes: number,
    known: number,
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
  addUpPatch(tones: number, shares: number, room: number, known: number, cells: number): void;
  roots(cells: number, most: number, full: number, to: number): void;
}

/** All kernels that look for keypoints. What is no size and no place in a picture is an address. */
export interface DetectKernels {
  readonly vectors: VectorsKernel;
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
  const arena = { memory };
  // The exports are what the .wat files declare.
  const vectors = instantiate.vectors({ arena, engine: Math }) as DetectKernels['vectors'];
  const imports = { arena, vectors };
  return {
    vectors,
    scaleSpace: instantiate.scaleSpace(imports) as ScaleSpaceKernel,
    extrema: instantiate.extrema(imports) as ExtremaKernel,
    directions: instantiate.directions(imports) as DirectionsKernel,
    patch: instantiate.patch(imports) as PatchKernel,
  };
}
