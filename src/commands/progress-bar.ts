const BAR_WIDTH = 40;

/**
 * Draws the progress of a command, on a terminal only.
 * @param note what stands behind the bar
 */
export function drawBar({ done, total }: { done: number; total: number }, note = ''): void {
  if (!process.stderr.isTTY) return;
  const filled = total === 0 ? BAR_WIDTH : Math.round((BAR_WIDTH * done) / total);
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
  const end = done === total ? '\n' : '';
  process.stderr.write(`\r[${bar}] ${done}/${total}${note && `  ${note}`}${note && '\x1b[K'}${end}`);
}

/** Clears the bar, so that a line of text can take its place. */
export function clearBar(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
