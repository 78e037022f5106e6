import { fileURLToPath } from 'node:url';
import { START_OPTIONS, startServer } from '../harness/server.js';

const FILE = fileURLToPath(new URL('bare-server.js', import.meta.url));

/**
 * Starts a bare server, with the options of Node that the gateway has.
 *
 * @param {'answer' | 'row' | 'read' | 'stream'} kind
 * @param {string} argument what bare-server.js says of the kind
 */
export function startBareServer(kind, argument) {
  return startServer([...START_OPTIONS, FILE, kind, argument], /ready: (\S+)/);
}
