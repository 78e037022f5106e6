import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that a command was asked for and cannot do. The message is one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A command, on its own or below `lookalike`. */
export type AnyCommand = Command;

/** Options that many commands have. */
export const CONFIG_OPTION = [
  '--config <FILE>',
  'settings as JSON (default: lookalike.config.json)',
] as const;
export const JSON_OPTION = ['--json', 'print JSON'] as const;

/** The program, whose errors are thrown by `runCommandLine`. */
export function createProgram(name: string): AnyCommand {
  return new Command(name)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ commandDescription: (command) => filled(command.description()) })
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [COMMAND]', 'the text of a command');
}

/** Paragraphs without the line breaks of the source, so that help is filled to the width of the terminal. */
function filled(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}

/**
 * Runs the command that words ask for. Help and version are printed.
 * @throws UsageError
 */
export async function runCommandLine(program: AnyCommand, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(describe(error, findCommand(program, words)));
  }
}

/** The command that words lead to, as far as they do. */
function findCommand(command: CommandUnknownOpts, [word, ...rest]: readonly string[]): CommandUnknownOpts {
  const next = command.commands.find((each) => each.name() === word);
  return next ? findCommand(next, rest) : command;
}

function describe({ code, message }: CommanderError, command: CommandUnknownOpts): string {
  const help = `Try ${pathOf(command)} --help.`;
  if (code === 'commander.help') return `Say ${namesOf(command)}. ${help}`;
  if (code === 'commander.excessArguments')
    return `There is nothing to do with ${command.args[command.registeredArguments.length]}. ${help}`;
  const [problem = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
  const names = code === 'commander.unknownCommand' && command.parent ? `Say ${namesOf(command)}.` : '';
  return [problem.replace(/\.?$/, '.'), suggestion, names, help].filter((part) => part !== '').join(' ');
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function namesOf({ commands }: CommandUnknownOpts): string {
  const names = commands.map((command) => command.name());
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names);
}
