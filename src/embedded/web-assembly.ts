/** The part of WebAssembly's API that the kernels need: Node has it, but its types come with the DOM's only. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => KernelMemory;
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, unknown>) => { readonly exports: unknown };
};

export interface KernelMemory {
  /** Another one after each growth. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const PAGE_BYTES = 0x10000;

/** A memory of one page, which is all zero. */
export function createMemory(): KernelMemory {
  return new WebAssembly.Memory({ initial: 1 });
}

/** @returns a function that makes an instance of the kernel and returns its exports */
export function compileKernel(base64: string): (imports?: Record<string, unknown>) => unknown {
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  return (imports = {}) => new WebAssembly.Instance(module, imports).exports;
}

/** Arrays begin at multiples of it, where kernels read them fastest. */
const ALIGNMENT = 16;
/** Kernels read and write so many bytes behind an array at most. */
const SPARE_BYTES = 64;

interface ArrayType<Values> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, at: number, length: number): Values;
}

/** The bytes that an array takes in KernelArrays. */
export function bytesOf(type: ArrayType<unknown>, length: number): number {
  return Math.ceil((length * type.BYTES_PER_ELEMENT + SPARE_BYTES) / ALIGNMENT) * ALIGNMENT;
}

/** A memory of kernels as arrays, one behind the other. The `byteOffset` of an array is its address for the kernels. */
export class KernelArrays {
  readonly memory = createMemory();
  #end = 0;

  /** Makes room for arrays of so many bytes, see bytesOf(). Those of before are lost. */
  reset(bytes: number): void {
    this.#end = 0;
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /** An array that holds whatever was there before. */
  take<Values>(type: ArrayType<Values>, length: number): Values {
    const at = this.#end;
    this.#end += bytesOf(type, length);
    return new type(this.memory.buffer, at, length);
  }
}
