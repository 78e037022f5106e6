import { type Logger, pino } from 'pino';
import { errorFields } from './error-fields.js';
import type { LogLevel } from './levels.js';

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
