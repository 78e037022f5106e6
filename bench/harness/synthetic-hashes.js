/** Perceptual hashes as a large collection has them: those of photographs, and a bucket of flat pictures. */

const WAVES = [0, 1, 2, 3]
  .flatMap((ky) => [-3, -2, -1, 0, 1, 2, 3].map((kx) => [kx, ky]))
  .filter(([kx, ky]) => ky > 0 || kx > 0);
const [COLUMNS, ROWS] = [9, 8];
const FLAT_SHARE = 0.01;

/** The cosine and the sine of each wave at each of the 9x8 points that a dHash compares. */
const TABLES = WAVES.map(([kx, ky]) => {
  const angles = Array.from({ length: COLUMNS * ROWS }, (_, at) => {
    const [x, y] = [at % COLUMNS, Math.floor(at / COLUMNS)];
    return 2 * Math.PI * ((kx * x) / 18 + (ky * y) / 16);
  });
  return { cos: Float64Array.from(angles, Math.cos), sin: Float64Array.from(angles, Math.sin) };
});

/**
 * The same numbers from 0 to 1 for the same seed.
 *
 * @param {number} seed
 */
export function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * dHashes of made-up pictures whose amplitudes fall with the frequency, as those of photographs do; one in a hundred
 * is all zero, as that of a flat picture is.
 *
 * @param {number} count
 * @param {() => number} next
 */
export function syntheticHashes(count, next) {
  const grey = new Float64Array(COLUMNS * ROWS);
  return BigUint64Array.from({ length: count }, () => (next() < FLAT_SHARE ? 0n : pictureHash(grey, next)));
}

function pictureHash(grey, next) {
  grey.fill(0);
  WAVES.forEach(([kx, ky], wave) => {
    const amplitude = next() / Math.hypot(kx, ky);
    const phase = 2 * Math.PI * next();
    const [a, b] = [amplitude * Math.cos(phase), amplitude * Math.sin(phase)];
    const { cos, sin } = TABLES[wave];
    for (let i = 0; i < grey.length; i++) grey[i] += a * cos[i] - b * sin[i];
  });
  const half = (firstRow) => {
    let bits = 0;
    for (let y = firstRow; y < firstRow + ROWS / 2; y++)
      for (let at = y * COLUMNS; at < y * COLUMNS + COLUMNS - 1; at++)
        bits = (bits << 1) | Number(grey[at + 1] > grey[at]);
    return BigInt(bits >>> 0);
  };
  return (half(0) << 32n) | half(ROWS / 2);
}

/**
 * The hash with that many of its bits changed at most.
 *
 * @param {bigint} hash
 * @param {number} bits
 * @param {() => number} next
 */
export function near(hash, bits, next) {
  let changed = hash;
  for (let i = 0; i < bits; i++) changed ^= 1n << BigInt(Math.floor(next() * 64));
  return changed;
}

/** @param {bigint} hash */
export function hexOf(hash) {
  return hash.toString(16).padStart(16, '0');
}
