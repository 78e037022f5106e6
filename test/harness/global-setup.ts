import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { openStore } from '#src/embedded/store/open-store.js';
import { createDatabase, startPostgres } from './postgres.js';
import type { PostgresAddress } from './run-servers.js';
import { Swift } from './swift.js';

/** Bundles what is built, as tests start the command: the modules may be newer. */
function bundle(): void {
  const script = fileURLToPath(new URL('../../scripts/build-server.js', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}

const cleanup: (() => Promise<void>)[] = [];

async function startSharedPostgres(): Promise<PostgresAddress> {
  const server = await startPostgres();
  cleanup.push(() => server.stop());
  const template = await createDatabase(server);
  await (await openStore({ kind: 'POSTGRES', url: template })).close();
  return { port: server.port, template };
}

async function startSharedSwift(): Promise<string> {
  const swift = await Swift.start();
  cleanup.push(() => swift[Symbol.asyncDispose]());
  return swift.url;
}

/** Starts a server of the run when it is asked for the first time. */
function createDoor(): RequestListener {
  const starts: Record<string, () => Promise<unknown>> = {
    '/postgres': startSharedPostgres,
    '/swift': startSharedSwift,
  };
  const started = new Map<string, Promise<unknown>>();
  return async ({ url = '' }, res) => {
    // A connection that was kept may end just when a busy test file asks again.
    res.setHeader('connection', 'close');
    try {
      const start = started.get(url) ?? starts[url]!();
      started.set(url, start);
      res.end(JSON.stringify(await start));
    } catch (error) {
      res.writeHead(500).end(String(error));
    }
  };
}

/** What holds for a whole run: the bundle is new, and test files share the servers that they ask for. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  bundle();
  const door = createServer(createDoor()).listen(0, '127.0.0.1');
  await once(door, 'listening');
  project.provide('servers', `http://127.0.0.1:${(door.address() as AddressInfo).port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    for (const undo of cleanup) await undo();
  };
}
