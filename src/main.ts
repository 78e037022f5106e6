import { CommandError, UsageError } from './commands/command-line.js';
import { runProgram } from './commands/program.js';
import { ConfigError } from './config.js';

// Otherwise graphql-js looks, each time it asks for the kind of a type, for another copy of itself.
process.env.NODE_ENV ??= 'production';

const EXPECTED = [ConfigError, CommandError, UsageError];

// Whoever reads the output may stop in the midst of it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

runProgram(process.argv.slice(2)).catch((error: unknown) => {
  const expected = EXPECTED.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`lookalike: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
