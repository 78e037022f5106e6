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
