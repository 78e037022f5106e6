/** As many bytes of a file as its content type may depend on. */
export const SIGNATURE_BYTES = 512;

const SIGNATURES: readonly [contentType: string, ...signatures: string[]][] = [
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/gif', 'GIF87a', 'GIF89a'],
  ['image/tiff', 'II*\0', 'MM\0*', 'II+\0', 'MM\0+'],
  ['image/x-icon', '\0\0\x01\0'],
  ['image/jxl', '\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['image/jp2', '\0\0\0\x0cjP  \r\n\x87\n', '\xff\x4f\xff\x51'],
  ['image/x-pcx', '\n\x00\x01', '\n\x02\x01', '\n\x03\x01', '\n\x05\x01'],
];

/**
 * The type of a picture by its first bytes, never by its name. SVG is recognised as loosely as the original
 * imgcache does it, so that the same bytes get the same type.
 *
 * @param head the first `SIGNATURE_BYTES` bytes, or the whole file when it is shorter
 * @returns null when nothing is recognised
 */
export function sniffContentType(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SIGNATURE_BYTES));
  const latin1 = bytes.toString('latin1');
  const match = SIGNATURES.find(([, ...signatures]) => signatures.some((start) => latin1.startsWith(start)));
  if (match) return match[0];
  if (latin1.startsWith('RIFF') && latin1.startsWith('WEBP', 8)) return 'image/webp';
  if (isBmp(bytes)) return 'image/bmp';
  if (/^P[36]\s+(#.*\n\s*)*\d+\s+\d+\s/.test(latin1)) return 'image/x-portable-pixmap';
  if (latin1.startsWith('ftyp', 4)) return heifContentType(bytes);
  return /<svg|<\?[xX][mM][lL]/.test(bytes.toString('utf8')) ? 'image/svg+xml' : null;
}

/** Two letters are little to go by, so that the size of the header behind them has to make sense too. */
function isBmp(bytes: Buffer): boolean {
  return (
    bytes.length >= 18 &&
    bytes.toString('latin1', 0, 2) === 'BM' &&
    [12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14))
  );
}

/** AVIF and HEIC share a container; the brands in its first box tell them apart. */
function heifContentType(bytes: Buffer): string | null {
  const brands = heifBrands(bytes);
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif';
  return brands.some((brand) => /^he[iv][cmsx]$/.test(brand)) ? 'image/heic' : null;
}

/** The brands that a HEIF file claims, the major one first; behind that stands the version of it. */
export function heifBrands(bytes: Buffer): string[] {
  return bytes.toString('latin1', 8, bytes.readUInt32BE(0)).match(/.{4}/gs) ?? [];
}
