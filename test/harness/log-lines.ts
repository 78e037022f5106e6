import type { LogLevel } from '#src/log/levels.js';
import { createLog, type Log } from '#src/log/log.js';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type LogLine = Record<string, any>;

/** A log that is kept, to be read by tests. */
export class LogLines {
  /** As written. */
  text = '';
  readonly log: Log;

  constructor(level: LogLevel = 'trace') {
    this.log = createLog(level, { write: (line) => (this.text += line) });
  }

  get lines(): LogLine[] {
    return this.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  with(fields: LogLine): LogLine[] {
    const wanted = Object.entries(fields);
    return this.lines.filter((line) => wanted.every(([name, value]) => line[name] === value));
  }

  clear(): void {
    this.text = '';
  }
}
