#!/usr/bin/env node
import { UsageError } from './commands/arguments.js';
import { ConfigError } from './config.js';

const HELP = `Usage: lookalike [command] [options]

Commands:
  serve            run the gateway (the default)
  schema           print the GraphQL schema
  keys             make an API key

lookalike COMMAND --help tells the options of each. The README lists the settings.
`;

interface Command {
  run(argv: readonly string[]): void | Promise<void>;
}

/** Each is loaded when it is asked for, with what it needs. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', () => import('./commands/serve.js')],
  ['schema', () => import('./commands/schema.js')],
  ['keys', () => import('./commands/keys.js')],
]);

async function run(argv: readonly string[]): Promise<void> {
  const [first = 'serve', ...rest] = argv;
  if (first === '-h' || first === '--help') return void process.stdout.write(HELP);
  const [name, options] = first.startsWith('-') ? ['serve', argv] : [first, rest];
  const load = commands.get(name);
  if (!load) throw new UsageError(`There is no command ${name}. Try lookalike --help.`);
  const command = await load();
  await command.run(options);
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof UsageError;
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`lookalike: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
