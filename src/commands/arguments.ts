import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Wrong words on the command line. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T & typeof HELP }>>['values'];

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/**
 * The options of a command, and `--help`, which each has.
 * @throws UsageError
 */
export function readArguments<const T extends Options>(argv: readonly string[], options: T): Values<T> {
  try {
    return parseArgs({ args: [...argv], options: { ...options, ...HELP } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
