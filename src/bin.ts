#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from './config.js';

const HELP = `Usage: lookalike [command] [options]

Commands:
  serve            run the gateway (the default)
  schema           print the GraphQL schema

Options:
  --config FILE    settings as JSON (default: lookalike.config.json, where there is one)
  --out FILE       schema: write it to a file
  -h, --help       this text

The README lists the settings.
`;

/** Wrong words on the command line. */
class UsageError extends Error {}

async function run(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv);
  const [command = 'serve', ...rest] = positionals;
  if (values.help) return void process.stdout.write(HELP);
  if (rest.length > 0) throw new UsageError(`${command} takes no argument ${rest[0]}.`);
  // Each command loads what it needs, so that the others and a wrong setting answer at once.
  switch (command) {
    case 'serve': {
      const config = loadConfig(process.env, values.config);
      const { serve } = await import('./commands/serve.js');
      return serve(config);
    }
    case 'schema': {
      const { printGraph } = await import('./commands/schema.js');
      return printGraph(values.out);
    }
    default:
      throw new UsageError(`There is no command ${command}. Try lookalike --help.`);
  }
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof UsageError;
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`lookalike: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
