import { createMemory, PAGE_BYTES } from '../web-assembly.js';
import { createDetectKernels } from './detect-kernels.js';

/** One value for each pixel, row by row. Its `byteOffset` is its address for the kernels. */
export type Plane = Float32Array;

/** Arrays begin at multiples of it, where the kernels read them fastest. */
const ALIGNMENT = 16;
/** The kernels read and write so many bytes behind a plane at most. */
const SPARE_BYTES = 64;

interface ArrayType<Values> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, at: number, length: number): Values;
}

/** The bytes that an array takes in Planes. */
export function bytesOf(type: ArrayType<unknown>, length: number): number {
  return Math.ceil((length * type.BYTES_PER_ELEMENT + SPARE_BYTES) / ALIGNMENT) * ALIGNMENT;
}

/** A memory for all that looking for the keypoints of one picture takes, with the kernels that work in it. */
export class Planes {
  readonly #memory = createMemory();
  #end = 0;
  readonly kernels = createDetectKernels(this.#memory);

  /** Makes room for another picture, of so many bytes by bytesOf(). The arrays of the one before are lost. */
  reset(bytes: number): void {
    this.#end = 0;
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /** An array that holds whatever was there before. */
  array<Values>(type: ArrayType<Values>, length: number): Values {
    const at = this.#end;
    this.#end += bytesOf(type, length);
    return new type(this.#memory.buffer, at, length);
  }
}

/** Stays for the next picture until the garbage is collected: some ten MB. */
let kept: WeakRef<Planes> | undefined;

/** The planes of this thread. */
export function keptPlanes(): Planes {
  const planes = kept?.deref() ?? new Planes();
  kept = new WeakRef(planes);
  return planes;
}
