import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { START_OPTIONS, startGateway, startServer } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

export const areInstalled = () => existsSync(pathOf('node_modules/mercurius'));

/** Starts what `graph/` and this folder hold: the first line that it prints names its address. */
export function startBeside(file, ...args) {
  return startServer([...START_OPTIONS, pathOf(file), ...args], /ready: (\S+)/);
}

/**
 * Each starts a server over the imgcache at an address, with the same options of Node. The first is measured beside the
 * others.
 *
 * Hive Gateway is not among them: packages that it needs ask for Node 22.15, beyond the 20 of all others here, and it stands
 * before GraphQL services, of which one more would have to be measured behind it.
 *
 * @type {Record<string, (imgcacheUrl: string, nodeArgs?: readonly string[]) => Promise<import('../harness/server.js').ServerProcess>>}
 */
export const SERVERS = {
  Lookalike: (imgcacheUrl, nodeArgs) => startGateway({ env: { IMGCACHE_URL: imgcacheUrl }, nodeArgs }),
  'bare graphql-jit': (imgcacheUrl) => startBeside('../graph/bare-graphql.js', imgcacheUrl),
  Mercurius: (imgcacheUrl) => startBeside('mercurius.js', imgcacheUrl),
  Yoga: (imgcacheUrl) => startBeside('yoga.js', imgcacheUrl),
  'Apollo Server': (imgcacheUrl) => startBeside('apollo.js', imgcacheUrl),
};

/** Nobody answers there, and until the first query that asks for entries nobody asks. */
const NOWHERE = 'http://127.0.0.1:9';

/** The same for starts: the gateway with its own services, on a folder that it had before; the others with none. */
export function startsOf(nodeArgs) {
  const dataDir = makeFolder();
  const { 'bare graphql-jit': _bare, ...others } = SERVERS;
  const starts = Object.entries({ ...others, Lookalike: () => startGateway({ dataDir, nodeArgs }) });
  return {
    starts: starts.map(([name, start]) => ({ name, start: () => start(NOWHERE) })),
    dispose: () => removeFolder(dataDir),
  };
}
