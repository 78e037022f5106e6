const LAX_INTEGER = /^[+-]?\d+(?:_\d+)*(?:\.0*)?$/;
const MAX_INTEGER_LENGTH = 4300;

/**
 * An integer as pydantic reads it from a query: `4`, ` 4 `, `+4`, `4.0`, `1_000`. Beyond 2^53 the result is rounded,
 * which no comparison with a distance notices. Null when it is none.
 */
export function parseLaxInteger(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed.length > MAX_INTEGER_LENGTH || !LAX_INTEGER.test(trimmed)) return null;
  return Number(trimmed.replaceAll('_', ''));
}

/** A perceptual hash to search for. */
export interface QueryHash {
  /** Its lower 64 bits in 16 lower-case hex digits. */
  perceptualHash: string;
  /** The number of set bits above those: no stored hash has them, so that each adds one to every distance. */
  excessBits: number;
}

const PYTHON_HEX = /^\+?(?:0x_?)?([0-9a-f]+(?:_[0-9a-f]+)*)$/i;
const FULL_WIDTH_DIGIT = /[\uff10-\uff19]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/**
 * A hash as the original reads it, with Python's `int(text, 16)`: in either case, with `0x`, a plus sign, spaces
 * around, `_` between digits, full-width digits, without leading zeros. Null when it is none, or negative: there
 * the original counts the bits of an absolute value, which is no distance.
 */
export function parseQueryHash(text: string): QueryHash | null {
  const ascii = text.replace(FULL_WIDTH_DIGIT, (digit) =>
    String.fromCharCode(digit.charCodeAt(0) - FULL_WIDTH_OFFSET),
  );
  const digits = PYTHON_HEX.exec(ascii.trim())?.[1]?.replaceAll('_', '').toLowerCase();
  if (digits === undefined) return null;
  return { perceptualHash: digits.slice(-16).padStart(16, '0'), excessBits: countBits(digits.slice(0, -16)) };
}

function countBits(hex: string): number {
  let bits = 0;
  for (const digit of hex) bits += Number.parseInt(digit, 16).toString(2).replaceAll('0', '').length;
  return bits;
}
