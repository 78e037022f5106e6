const BAR_WIDTH = 40;

/** Only for a person who looks on. */
export function drawBar({ done, total }: { done: number; total: number }): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round((BAR_WIDTH * done) / total);
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
  process.stderr.write(`\r[${bar}] ${done}/${total}${done === total ? '\n' : ''}`);
}

/** Makes room for a line of text. */
export function clearBar(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
