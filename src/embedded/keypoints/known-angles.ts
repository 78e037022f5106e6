/**
 * The five angles that fdlibm's atan has ready: a, b, c and d of (a q + b) / (c q + d), the tangent of what is left of the
 * angle whose tangent is q; the angle, and what it lacks in double precision.
 */
export const KNOWN_ANGLES = Float64Array.of(
  ...[1, 0, 0, 1, 0, 0],
  ...[2, -1, 1, 2, 0.4636476090008061, 2.2698777452961687e-17],
  ...[1, -1, 1, 1, 0.7853981633974483, 3.061616997868383e-17],
  ...[1, -1.5, 1.5, 1, 0.982793723247329, 1.3903311031230998e-17],
  ...[0, -1, 1, 0, 1.5707963267948966, 6.123233995736766e-17],
);
