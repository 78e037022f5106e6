/** @param {string} line */
export function print(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Prints a plain table: the first column to the left, the others to the right.
 *
 * @param {string} title
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows a cell for each column
 */
export function printTable(title, columns, rows) {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  print(`\n${title}`);
  for (const line of lines) print(`  ${line.map(cell).join('  ').trimEnd()}`);
}

/**
 * Three significant digits at least, and no more behind the point than they need.
 *
 * @param {number} value
 */
export function figure(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/**
 * The median of several rounds, and between which values they lay.
 *
 * @param {readonly number[]} values
 */
export function medianOf(values) {
  const spread = values.length > 1 ? ` [${figure(Math.min(...values))}-${figure(Math.max(...values))}]` : '';
  return figure(percentile(values, 50)) + spread;
}

/**
 * @param {readonly number[]} values
 * @param {number} percent 0 to 100
 */
export function percentile(values, percent) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return figure(bytes / 1e6);
}

/** @param {boolean} isMet */
export function verdict(isMet) {
  return isMet ? 'met' : 'MISSED';
}
