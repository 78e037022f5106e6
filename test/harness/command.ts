import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** How long a command may take: a gateway that starts where it should not would run on. */
const MOST_MS = 240_000;

/** Runs a command of the built program to its end. */
export function runCommand(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<CommandResult> {
  const options = { cwd, env: { PATH: process.env.PATH, ...env }, timeout: MOST_MS };
  return promisify(execFile)(process.execPath, [BIN, ...args], options).then(
    (done) => ({ code: 0, ...done }),
    (error: CommandResult) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

/** Runs it in an empty folder, as that of the project may have a config file. */
export async function lookalike(
  args: readonly string[],
  env: Record<string, string>,
): Promise<CommandResult> {
  const cwd = mkdtempSync(join(tmpdir(), 'lookalike-cwd-'));
  try {
    return await runCommand(args, { cwd, env });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
