import { syncBuiltinESMExports } from 'node:module';
import threads, { type WorkerOptions } from 'node:worker_threads';

/*
 * Threads run the bundle, as those of the command do. It starts with a third less CPU than the modules, and each engine that
 * tests open starts up to three of them.
 */

const MODULES = new URL('../../dist/embedded/', import.meta.url).href;
const BUNDLE = new URL('../../dist/server/', import.meta.url);

/** The entry of a thread in the bundle; any other as it is. */
function bundled(entry: string | URL): string | URL {
  const { href } = new URL(entry);
  return href.startsWith(MODULES) ? new URL(href.slice(href.lastIndexOf('/') + 1), BUNDLE) : entry;
}

threads.Worker = class extends threads.Worker {
  constructor(entry: string | URL, options?: WorkerOptions) {
    super(bundled(entry), options);
  }
};
syncBuiltinESMExports();
