/**
 * The dHash by the book: Pillow's 8-bit Lanczos resize to 9 × 8 in 32-bit integers, horizontally, then vertically,
 * with nothing done to make it fast.
 */
export function referenceDHash(grey: readonly number[], width: number, height: number): string {
  const narrow = Array.from({ length: height }, (_, y) => resized(grey.slice(y * width, (y + 1) * width), 9));
  const columns = Array.from({ length: 9 }, (_, x) =>
    resized(
      narrow.map((row) => row[x]!),
      8,
    ),
  );
  let hash = 0n;
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) hash = (hash << 1n) | (columns[x + 1]![y]! > columns[x]![y]! ? 1n : 0n);
  }
  return hash.toString(16).padStart(16, '0');
}

function resized(samples: number[], size: number): number[] {
  const scale = samples.length / size;
  const stretch = Math.max(1, scale);
  return Array.from({ length: size }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - 3 * stretch + 0.5));
    const to = Math.min(samples.length, Math.floor(centre + 3 * stretch + 0.5));
    const weights = samples.slice(from, to).map((_, i) => lanczos3((from + i - centre + 0.5) / stretch));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const sum = weights.reduce((sum, weight, i) => {
      const scaled = (weight / total) * 2 ** 22;
      const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
      return (sum + Math.imul(rounded, samples[from + i]!)) | 0;
    }, 2 ** 21);
    return Math.max(0, Math.min(255, sum >> 22));
  });
}

function lanczos3(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (Math.sin(angle / 3) / (angle / 3));
}
