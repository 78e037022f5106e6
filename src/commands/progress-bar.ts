const BAR_WIDTH = 40;

/** Draws the progress of a command, on a terminal only. */
export function drawBar({ done, total }: { done: number; total: number }): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round((BAR_WIDTH * done) / total);
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
  process.stderr.write(`\r[${bar}] ${done}/${total}${done === total ? '\n' : ''}`);
}

/** Clears the bar, so that a line of text can take its place. */
export function clearBar(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
