/** The levels of the log, the most talkative first; silent writes nothing. Apart from the log, so that settings load no logger. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
