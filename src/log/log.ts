import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import { errorFields } from './error-fields.js';
import type { LogLevel } from './levels.js';
import { formatLine } from './readable-line.js';

/** By its number: `process.stderr` would set a pipe to losing what its reader does not take at once. */
const STANDARD_ERROR = 2;

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
 * Standard error as the destination of the log: as JSON, or on a terminal in readable lines. Lines are written
 * synchronously, so that a process that is killed loses none: that costs no more than writing in the background.
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
