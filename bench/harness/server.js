import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeFolder, removeFolder, spawnNode } from './workspace.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const PACKAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
/** Of Node, as `npm start` has them. */
export const START_OPTIONS = PACKAGE.scripts.start.split(' ').filter((word) => word.startsWith('--'));
const START_DEADLINE_MS = 60_000;

/**
 * A server in a process of its own.
 *
 * @typedef {object} ServerProcess
 * @property {string} url without a trailing slash
 * @property {number} pid
 * @property {() => Promise<void>} stop lets requests in flight finish
 */

/**
 * Starts a gateway on a free port of the loopback.
 *
 * @param {object} [options]
 * @param {string} [options.dataDir] kept; without it the gateway has one that goes with it
 * @param {Record<string, string>} [options.env] settings
 * @param {readonly string[]} [options.nodeArgs]
 * @returns {Promise<ServerProcess>}
 */
export async function startGateway({ dataDir, env, nodeArgs = [] } = {}) {
  const folder = dataDir ?? makeFolder();
  const server = await startServer([...START_OPTIONS, ...nodeArgs, BIN, 'serve'], /ready: (\S+)\/graphql/, {
    cwd: folder,
    env: { PORT: '0', LOOKALIKE_DATA_DIR: folder, LOOKALIKE_LOG_LEVEL: 'warn', ...env },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      if (dataDir === undefined) removeFolder(folder);
    },
  };
}

/**
 * Starts a server of any kind.
 *
 * @param {readonly string[]} args of Node
 * @param {RegExp} ready matches the line that names the address, in its first group
 * @param {Parameters<typeof spawnNode>[1]} [options]
 * @returns {Promise<ServerProcess>}
 */
export async function startServer(args, ready, options) {
  const child = spawnNode(args, options);
  const overdue = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  const url = await addressFrom(child.stdout, ready);
  clearTimeout(overdue);
  return {
    url,
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/**
 * @param {import('node:stream').Readable} output
 * @param {RegExp} ready
 */
async function addressFrom(output, ready) {
  for await (const line of createInterface({ input: output })) {
    const url = ready.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it was ready.');
}
