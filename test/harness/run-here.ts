import { vi } from 'vitest';
import { CommandError, UsageError } from '#src/commands/command-line.js';
import { runProgram } from '#src/commands/program.js';
import { ConfigError } from '#src/config.js';
import type { CommandResult } from './command.js';

/** Runs a command of the program within this process, which is quicker; one at a time. */
export async function runHere(args: readonly string[], env: Record<string, string>): Promise<CommandResult> {
  const before = process.env;
  process.env = { PATH: before.PATH, ...env };
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    await runProgram(args);
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    // As the program says it: any other error is shown with its stack.
    if (!(error instanceof UsageError || error instanceof ConfigError || error instanceof CommandError))
      throw error;
    const code = error instanceof UsageError ? 2 : 1;
    return { code, stdout: stdout.text(), stderr: `${stderr.text()}lookalike: ${error.message}\n` };
  } finally {
    stdout.restore();
    stderr.restore();
    process.env = before;
    process.exitCode = undefined;
  }
}

function capture(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  let text = '';
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  return { text: () => text, restore: () => write.mockRestore() };
}
