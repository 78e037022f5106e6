#!/usr/bin/env node
import { UsageError } from './commands/command-line.js';
import { ConfigError } from './config.js';

const HELP = `Usage: lookalike [command] [options]

Commands:
  serve            run the gateway (the default)
  collections      list, make and open VisualSnoop's collections
  reindex          make the descriptors of another version anew
  check            verify rows and bytes, and repair them
  migrate          copy the data folder into a database and a bucket, or back
  keys             make an API key
  schema           print the GraphQL schema

Each has a --help of its own. The README lists the settings.
`;

interface Command {
  run(argv: readonly string[]): void | Promise<void>;
}

/** The commands, loaded only when they run: help, and the message for a wrong setting, come at once. */
const commands: Record<string, () => Promise<Command>> = {
  serve: () => import('./commands/serve.js'),
  collections: () => import('./commands/collections.js'),
  reindex: () => import('./commands/reindex.js'),
  check: () => import('./commands/check.js'),
  migrate: () => import('./commands/migrate.js'),
  keys: () => import('./commands/keys.js'),
  schema: () => import('./commands/schema.js'),
};

async function run(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--help' || argv[0] === '-h')) return void process.stdout.write(HELP);
  const [name, ...rest] = !argv[0] || argv[0].startsWith('-') ? ['serve', ...argv] : argv;
  if (!Object.hasOwn(commands, name!))
    throw new UsageError(`There is no command ${name}. Try lookalike --help.`);
  const command = await commands[name!]!();
  await command.run(rest);
}

// Otherwise graphql-js looks, each time it asks for the kind of a type, for another copy of itself.
process.env.NODE_ENV ??= 'production';

run(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof UsageError;
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`lookalike: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
