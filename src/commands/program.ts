import { readFileSync } from 'node:fs';
import { type AnyCommand, createProgram, runCommandLine } from './command-line.js';

interface CommandModule {
  /** Gives the command its options and its work. */
  define(command: AnyCommand): void;
}

/** The commands. Each is loaded only when it is asked for: help, and the message for a wrong setting, come at once. */
const commands: Record<string, [summary: string, load: () => Promise<CommandModule>]> = {
  serve: ['run the gateway (the default)', () => import('./serve.js')],
  config: ['show the settings, and where each was given', () => import('./config.js')],
  health: ['ask a running gateway how it is', () => import('./health.js')],
  collections: ["list, make and open VisualSnoop's collections", () => import('./collections.js')],
  keys: ['make an API key', () => import('./keys.js')],
  documents: ['write the file of trusted documents', () => import('./documents.js')],
  duplicates: ['list entries that look alike', () => import('./duplicates.js')],
  schema: ['print the GraphQL schema', () => import('./schema.js')],
  import: ['import pictures, lists of them, or the data of an imgcache', () => import('./import.js')],
  export: ['write all entries into a folder', () => import('./export.js')],
  backup: ['copy the data folder while the gateway runs', () => import('./backup.js')],
  check: ['verify rows and bytes, and repair them', () => import('./check.js')],
  reindex: ['make the descriptors of another version anew', () => import('./reindex.js')],
  migrate: ['copy the data folder into a database and a bucket, or back', () => import('./migrate.js')],
};

/** Options of the program itself; any other one is an option of `serve`. */
const OWN_OPTIONS = ['-h', '--help', '-V', '--version'];

/**
 * Runs the command that the words after `lookalike` ask for.
 * @throws UsageError ConfigError CommandError
 */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const [first = '', second] = argv;
  const words =
    (first === '' || first.startsWith('-')) && !OWN_OPTIONS.includes(first) ? ['serve', ...argv] : argv;
  const asked = first === 'help' ? second : words[0];
  const program = createProgram('lookalike')
    .description('A GraphQL gateway over imgcache and VisualSnoop.')
    .version(readVersion(), '-V, --version', 'the version')
    .addHelpText('after', '\nEach command has a --help of its own. The README lists the settings.');
  for (const [name, [summary, load]] of Object.entries(commands)) {
    const command = program.command(name).summary(summary);
    if (name === asked) (await load()).define(command);
  }
  await runCommandLine(program, words);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
