import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { LogDestination } from './log.js';
import { formatLine } from './readable-line.js';

/** The file descriptor, as `process.stderr` would make a pipe lose the lines that its reader does not take at once. */
const STANDARD_ERROR = 2;
/** The most that a pipe takes as a whole or not at all, whoever else writes to it. */
const BATCH_BYTES = 4096;
const BATCH_MS = 50;
/** The lines of requests: that of a warning or an error never waits. */
const MAY_WAIT = /^\{"level":"(?:trace|debug|info)"/;

/**
 * Standard error as the destination of the log: as JSON, or on a terminal in readable lines. JSON lines up to the level
 * `info` are written some together, as a write for each adds a third to the CPU of a small request; a process that is
 * killed loses those of its last 50 ms. All others are written at once, behind those that wait.
 */
export function openStandardError(): LogDestination {
  if (isatty(STANDARD_ERROR)) return { write: (line) => write(formatLine(line)) };
  const batch = new LineBatch(write);
  process.once('exit', () => batch.flush());
  return batch;
}

export class LineBatch implements LogDestination {
  readonly #write: (lines: string) => void;
  #lines = '';
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(write: (lines: string) => void) {
    this.#write = write;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > BATCH_BYTES) this.flush();
    this.#lines += line;
    this.#bytes += bytes;
    if (!MAY_WAIT.test(line)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS).unref();
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const lines = this.#lines;
    this.#lines = '';
    this.#bytes = 0;
    if (lines !== '') this.#write(lines);
  }
}

function write(lines: string): void {
  try {
    writeSync(STANDARD_ERROR, lines);
  } catch {
    // A full disk or a closed pipe takes the lines, and must not take the gateway.
  }
}
