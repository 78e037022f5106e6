import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of every command. */
export const COMMON_OPTIONS = {
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the words after a command.
 * @throws UsageError
 */
export function parseCommandLine<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error));
  }
}

/** @throws UsageError when there are words that the command does not take */
export function refuseMore(words: readonly (string | undefined)[]): void {
  const [word] = words;
  if (word !== undefined) throw new UsageError(`There is nothing to do with ${word}.`);
}
