const DIGITS = '0123456789abcdef';
/** By the codes of two digits, the second in the lower 7 bits. */
const DIFFERING_BITS = new Uint8Array(128 * 128);
for (const [a, first] of [...DIGITS].entries())
  for (const [b, second] of [...DIGITS].entries())
    DIFFERING_BITS[(first.charCodeAt(0) << 7) | second.charCodeAt(0)] = countBits(a ^ b);

/** In how many of their 64 bits two hashes of 16 hex digits differ. */
export function hammingDistance(a: string, b: string): number {
  let distance = 0;
  for (let i = 0; i < 16; i++) distance += DIFFERING_BITS[(a.charCodeAt(i) << 7) | b.charCodeAt(i)]!;
  return distance;
}

function countBits(number: number): number {
  let count = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) count++;
  return count;
}
