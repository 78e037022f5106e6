import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import { errorFields } from './error-fields.js';
import type { LogLevel } from './levels.js';
import { formatLine } from './readable-line.js';

/** The file descriptor, as `process.stderr` would make a pipe lose the lines that its reader does not take at once. */
const STANDARD_ERROR = 2;

/** The log, as its writers see it. An error goes under `err`; texts of clients are bounded by those who log them. */
export type Log = Pick<Logger, 'level' | 'isLevelEnabled' | Exclude<LogLevel, 'silent'>>;

export interface LogDestination {
  /** Takes a line of JSON, with its end of line. */
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
 * Standard error as the destination of the log: as JSON, or on a terminal in readable lines. Lines are written
 * synchronously, so that a process that is killed loses none.
 */
export function openStandardError(): LogDestination {
  const toWrite = isatty(STANDARD_ERROR) ? formatLine : (line: string) => line;
  return {
    write(line) {
      try {
        writeSync(STANDARD_ERROR, toWrite(line));
      } catch {
        // A full disk or a closed pipe takes the line, and must not take the gateway.
      }
    },
  };
}
