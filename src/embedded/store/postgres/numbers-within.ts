const known = new Map<number, readonly number[]>();

/**
 * All numbers of 32 bits with at most so many of them set, signed; none below 0. There are 529 with two bits, 5,489 with
 * three and 41,449 with four.
 */
export function numbersWithin(bits: number): readonly number[] {
  if (bits < 0) return [];
  let numbers = known.get(bits);
  if (!numbers) {
    const fewer = numbersWithin(bits - 1);
    numbers = [...new Set([0, ...fewer, ...fewer.flatMap(withOneMore)])];
    known.set(bits, numbers);
  }
  return numbers;
}

function withOneMore(number: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => number | (1 << bit));
}
