// What fitting a basis needs of linear algebra. Matrices are arrays of rows.

export function multiply(a, b) {
  return a.map((row) => {
    const product = new Float64Array(b[0].length);
    for (let k = 0; k < row.length; k++) {
      if (row[k] !== 0) for (let j = 0; j < product.length; j++) product[j] += row[k] * b[k][j];
    }
    return product;
  });
}

/**
 * The eigenvalues of a symmetric matrix, the greatest first, and their vectors, by Jacobi's rotations.
 *
 * @param {Float64Array[]} matrix
 */
export function eigen(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = Array.from({ length: size }, (_, i) => {
    const row = new Float64Array(size);
    row[i] = 1;
    return row;
  });
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        off += a[p][q] ** 2;
        if (Math.abs(a[p][q]) > 1e-12) rotate(a, vectors, p, q);
      }
    if (off < 1e-16) break;
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j][j] - a[i][i]);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => vectors[i]) };
}

function rotate(a, vectors, p, q) {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  for (const rows of [a, vectors]) {
    const [first, second] = [rows[p], rows[q]];
    for (let k = 0; k < first.length; k++)
      [first[k], second[k]] = [c * first[k] - s * second[k], s * first[k] + c * second[k]];
  }
}

/** Rows that are orthogonal to each other and of length 1, by Gram and Schmidt. */
export function randomRotation(size, random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, normal);
    for (const other of rows) {
      const along = row.reduce((sum, value, i) => sum + value * other[i], 0);
      for (let i = 0; i < size; i++) row[i] -= along * other[i];
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}
