import { BrokenPictureError } from './picture-header.js';

/** The packed bytes, a block at a time; throws when there are no more. */
export type NextBlock = () => Uint8Array;

const MAX_CODE_BITS = 12;
const TABLE_LENGTH = 1 << MAX_CODE_BITS;
const NONE = -1;

/**
 * Unpacks the LZW codes of a GIF frame until `indices` is full.
 *
 * @param indexBits how many bits the frame says a palette index has
 * @throws {BrokenPictureError} when the codes end before, or make no sense
 */
export function unpackLzw(indexBits: number, nextBlock: NextBlock, indices: Uint8Array): void {
  if (indexBits >= MAX_CODE_BITS) throw broken();
  const readCode = codeReader(nextBlock);
  const clear = 1 << indexBits;
  const end = clear + 1;
  // A code above `end` stands for the string of another code, its prefix, with one more index, its suffix.
  const prefix = new Uint16Array(TABLE_LENGTH);
  const suffix = new Uint8Array(TABLE_LENGTH);
  const length = new Uint16Array(TABLE_LENGTH).fill(1);
  for (let index = 0; index < clear; index++) suffix[index] = index;

  let codeBits = indexBits + 1;
  let next = end + 1;
  let previous = NONE;
  let filled = 0;
  while (filled < indices.length) {
    const code = readCode(codeBits);
    if (code === clear) {
      codeBits = indexBits + 1;
      next = end + 1;
      previous = NONE;
      continue;
    }
    if (code === end || code > next || (previous === NONE && code > end)) throw broken();

    // The code after the last known one: the previous string, and its first index once more.
    const isNew = code === next;
    let rest = isNew ? previous : code;
    const stringEnd = filled + length[rest]!;
    // From back to front. What lies behind the end of the array is dropped by it.
    for (let at = stringEnd - 1; at > filled; at--) {
      indices[at] = suffix[rest]!;
      rest = prefix[rest]!;
    }
    const first = suffix[rest]!;
    indices[filled] = first;
    if (isNew) indices[stringEnd] = first;
    filled = stringEnd + (isNew ? 1 : 0);

    if (previous !== NONE && next < TABLE_LENGTH) {
      prefix[next] = previous;
      suffix[next] = first;
      length[next] = length[previous]! + 1;
      next++;
      if (next === 1 << codeBits && codeBits < MAX_CODE_BITS) codeBits++;
    }
    previous = code;
  }
}

/** @returns a function that reads the next code of so many bits, the lowest bits first */
function codeReader(nextBlock: NextBlock): (codeBits: number) => number {
  let block = nextBlock();
  let at = 0;
  let bits = 0;
  let bitCount = 0;
  return (codeBits) => {
    while (bitCount < codeBits) {
      if (at === block.length) {
        block = nextBlock();
        at = 0;
      }
      bits |= block[at++]! << bitCount;
      bitCount += 8;
    }
    const code = bits & ((1 << codeBits) - 1);
    bits >>>= codeBits;
    bitCount -= codeBits;
    return code;
  };
}

function broken(): BrokenPictureError {
  return new BrokenPictureError('The pixels of the GIF are cut off or damaged.');
}
