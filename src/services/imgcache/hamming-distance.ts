/** In how many of their 64 bits two hashes of 16 hex digits differ. */
export function hammingDistance(a: string, b: string): number {
  return differingBits(a.slice(0, 8), b.slice(0, 8)) + differingBits(a.slice(8), b.slice(8));
}

/** Of two numbers of 32 bits in hex digits. */
function differingBits(a: string, b: string): number {
  let difference = Number.parseInt(a, 16) ^ Number.parseInt(b, 16);
  let count = 0;
  for (; difference !== 0; difference &= difference - 1) count++;
  return count;
}
