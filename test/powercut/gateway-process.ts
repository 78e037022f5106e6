import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface GatewayProcess {
  url: string;
  /** @returns what it ended with: its own code or a signal, of this time or of an earlier one */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals | null>;
}

/**
 * Starts the built gateway in a process of its own, with its data and its spool below a folder.
 * @param env more settings
 */
export async function startProcess(folder: string, env: NodeJS.ProcessEnv = {}): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', TMPDIR: folder, LOOKALIKE_DATA_DIR: 'data', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'close');
    }
    return child.exitCode ?? child.signalCode;
  };
  return { url: await addressOf(child), kill };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk;
      const [, url] = /ready: (\S+)\/graphql/.exec(output) ?? [];
      if (url) resolve(url);
    };
    child.stdout!.on('data', take);
    child.stderr!.on('data', take);
    child.once('close', () => reject(new Error(`The gateway did not start: ${output}`)));
  });
}
