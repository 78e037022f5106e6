import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { openGatewayTarget } from '../../dist/commands/import/gateway-target.js';
import { Importer } from '../../dist/commands/import/importer.js';
import { openStoreTarget } from '../../dist/commands/import/store-target.js';
import { loadConfig } from '../../dist/config.js';
import { openEngine } from '../../dist/embedded/engine.js';
import { createPicturePool } from '../../dist/embedded/picture/picture-pool.js';
import { openScratch } from '../../dist/embedded/scratch.js';
import { createFileStaging } from '../../dist/embedded/staging.js';
import { mapConcurrently } from '../../dist/request/map-concurrently.js';
import { startGateway } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

export const CONCURRENCY = 4;

/** @param {unknown} error */
function onError(error) {
  throw error;
}

/** @param {{ path: string }[]} pictures */
export function itemsOf(pictures) {
  return pictures.map(({ path }, at) => ({ path, url: `https://bench.example/${at}` }));
}

/**
 * Staging and storing alone, without looking at what is there, in this process.
 *
 * @param {(store: (items: object[]) => Promise<void>) => Promise<void>} work
 */
export async function withBareStore(work) {
  const dataDir = makeFolder();
  const pictures = createPicturePool({ maxPixels: 2 ** 28 });
  const engine = await openEngine({ storage: { kind: 'FOLDER', dataDir }, pictures, onError });
  const scratch = await openScratch(join(dataDir, 'incoming'));
  const staging = createFileStaging(scratch.folder, pictures);
  try {
    await work((items) =>
      mapConcurrently(items, CONCURRENCY, async ({ path, url }) => {
        const image = await staging.stage(createReadStream(path));
        await engine.imgcache.store(image, { url, clientName: 'bench' });
        await image[Symbol.asyncDispose]();
      }),
    );
  } finally {
    await scratch.close();
    await engine.close();
    await pictures.close();
    removeFolder(dataDir);
  }
}

/** The same by an import straight into the store. */
export async function withStoreTarget(work) {
  const dataDir = makeFolder();
  const target = await openStoreTarget({ ...loadConfig({}), dataDir }, { onError, onNotice() {} });
  try {
    await work((items) => importAll(target, items));
  } finally {
    await target.close();
    removeFolder(dataDir);
  }
}

/** The same by an import into a gateway of its own process. */
export async function withGatewayTarget(work) {
  const gateway = await startGateway();
  const target = await openGatewayTarget({ server: gateway.url });
  try {
    await work((items) => importAll(target, items));
  } finally {
    await target.close();
    await gateway.stop();
  }
}

async function importAll(target, items) {
  const importer = new Importer({
    target,
    clientName: 'bench',
    concurrency: CONCURRENCY,
    dryRun: false,
    fetchPicture: null,
    signal: new AbortController().signal,
    onResult({ outcome, problem }) {
      if (outcome === 'FAILED') throw new Error(problem);
    },
  });
  await importer.run(eachOf(items));
}

async function* eachOf(items) {
  yield* items;
}
