/**
 * The inner loop of the packed scan in WebAssembly, which has the processor's popcount and 64-bit integers without
 * BigInt. All addresses are in bytes. The module's memory begins with the matches of the last call, then the query;
 * hashes are the caller's to place, from the second page on.
 */
export interface PopcountScan {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  /**
   * Compares the hashes from `start` to before `end`, one at least and all in one page, with the query. Each one
   * within the radius leaves a 32-bit match at the memory's beginning: its address within the page, plus its
   * distance << 16.
   * @returns how many matches there are
   */
  scan(start: number, end: number, radius: number): number;
}

export const PAGE_BYTES = 0x10000;

/** Behind the matches of a full page: 8,192 of 4 bytes each. */
export const QUERY_ADDRESS = 0x8000;

const [I32, I64, VOID] = [0x7f, 0x7e, 0x40];
const [TYPES, FUNCTIONS, MEMORIES, EXPORTS, CODE] = [1, 3, 5, 7, 10];
const [AT, END, RADIUS, DISTANCE, MATCH, QUERY] = [0, 1, 2, 3, 4, 5];

const body = [
  [2, 2, I32, 1, I64], // (local $distance i32) (local $match i32) (local $query i64)
  [0x41, 0x80, 0x80, 0x02], // i32.const QUERY_ADDRESS, in LEB128
  [0x29, 3, 0], // i64.load
  [0x21, QUERY], // local.set $query
  [0x03, VOID], // loop
  [0x20, AT], //     local.get $at
  [0x29, 3, 0], //   i64.load
  [0x20, QUERY], //  local.get $query
  [0x85], //         i64.xor
  [0x7b], //         i64.popcnt
  [0xa7], //         i32.wrap_i64
  [0x22, DISTANCE], // local.tee $distance
  [0x20, RADIUS], // local.get $radius
  [0x4d], //         i32.le_u
  [0x04, VOID], //   if
  [0x20, MATCH], //    local.get $match
  [0x20, AT], //       local.get $at
  [0x3b, 1, 0], //     i32.store16
  [0x20, MATCH], //    local.get $match
  [0x20, DISTANCE], // local.get $distance
  [0x3b, 1, 2], //     i32.store16 offset=2
  [0x20, MATCH], //    local.get $match
  [0x41, 4], //        i32.const 4
  [0x6a], //           i32.add
  [0x21, MATCH], //    local.set $match
  [0x0b], //         end
  [0x20, AT], //     local.get $at
  [0x41, 8], //      i32.const 8
  [0x6a], //         i32.add
  [0x22, AT], //     local.tee $at
  [0x20, END], //    local.get $end
  [0x49], //         i32.lt_u
  [0x0d, 0], //      br_if loop
  [0x0b], //       end
  [0x20, MATCH], // local.get $match
  [0x41, 2], //    i32.const 2
  [0x76], //       i32.shr_u
  [0x0b], //       end
].flat();

/** Every length here is below 128, and so its own LEB128. */
const sized = (bytes: readonly number[]) => [bytes.length, ...bytes];
const name = (text: string) => sized([...Buffer.from(text)]);

const binary = [
  [0x00, ...Buffer.from('asm'), 1, 0, 0, 0],
  [TYPES, ...sized([1, 0x60, 3, I32, I32, I32, 1, I32])], // (param $at $end $radius i32) (result i32)
  [FUNCTIONS, ...sized([1, 0])],
  [MEMORIES, ...sized([1, 0, 1])], // one page
  [EXPORTS, ...sized([2, ...name('memory'), 2, 0, ...name('scan'), 0, 0])],
  [CODE, ...sized([1, ...sized(body)])],
].flat();

/** The part of the API that is used here: its types come with the browser's only. */
declare const WebAssembly: {
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

const module = new WebAssembly.Module(Uint8Array.from(binary));

/** A scan with a memory of its own. */
export function createPopcountScan(): PopcountScan {
  // The exports are what the binary above declares.
  return new WebAssembly.Instance(module).exports as PopcountScan;
}
