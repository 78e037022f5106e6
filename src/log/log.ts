import { type Logger, pino } from 'pino';
import { errorFields } from './error-fields.js';
import type { LogLevel } from './levels.js';
import { formatLine } from './readable-line.js';

/** An error goes under `err`. Texts that clients choose are bounded before they come here. */
export type Log = Pick<Logger, 'isLevelEnabled' | Exclude<LogLevel, 'silent'>>;

export interface LogDestination {
  /** @param line JSON, with its end of line */
  write(line: string): void;
}

/** A log of JSON lines. */
export function createLog(level: LogLevel, destination: LogDestination): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => errorFields(error) },
    },
    destination,
  );
}

/**
 * Where the log of a process goes: as it is, or on a terminal in lines to be read. A line is written before the next
 * thing is done, so that a process that is killed has said all: that costs no more than writing in the background.
 */
export function openStandardError(): LogDestination {
  if (!process.stderr.isTTY) return pino.destination({ dest: 2, sync: true });
  return { write: (line) => void process.stderr.write(formatLine(line)) };
}
