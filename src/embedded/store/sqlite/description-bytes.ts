/** A description as libsql gives it: a blob is an ArrayBuffer. */
export interface DescriptionBytes {
  descriptor: ArrayBuffer;
  keypoints: ArrayBuffer | null;
}

/** The row as its readers know it. */
export function withBytes<Row extends DescriptionBytes>(
  row: Row,
): Omit<Row, keyof DescriptionBytes> & { descriptor: Uint8Array; keypoints: Uint8Array | null } {
  const { descriptor, keypoints } = row;
  return {
    ...row,
    descriptor: new Uint8Array(descriptor),
    keypoints: keypoints && new Uint8Array(keypoints),
  };
}
