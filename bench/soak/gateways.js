import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { startGateway, startServer } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const PROXY = fileURLToPath(new URL('./fault-proxy.js', import.meta.url));
/** So that a service that does not answer holds requests up often, and not for long. */
const SERVICE_TIMEOUT_MS = '1000';

/**
 * The gateway that is looked at, with what it stands on.
 *
 * @typedef {object} Stack
 * @property {import('../harness/server.js').ServerProcess} gateway
 * @property {string} spool where its uploads are spooled
 * @property {string} dataDir
 * @property {{ collectionId: string, publicKey: string, secretKey: string }} collection
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Stack>} */
export async function startEmbedded() {
  const own = await startOwn();
  return { ...own, collection: await createCollection(own.gateway) };
}

/**
 * A gateway over another one, behind a proxy that fails now and then.
 *
 * @returns {Promise<Stack>}
 */
export async function startRemote() {
  const behind = await startOwn();
  const collection = await createCollection(behind.gateway);
  const proxy = await startServer([PROXY, behind.gateway.url], /ready: (\S+)/);
  const own = await startOwn({
    IMGCACHE_URL: `${proxy.url}/imgcache`,
    VISUALSNOOP_URL: `${proxy.url}/visualsnoop/api/v1`,
    VISUALSNOOP_KEYS: `${collection.publicKey}:${collection.secretKey}`,
    LOOKALIKE_SERVICE_TIMEOUT_MS: SERVICE_TIMEOUT_MS,
  });
  return {
    ...own,
    collection,
    async stop() {
      await own.stop();
      await proxy.stop();
      await behind.stop();
    },
  };
}

async function startOwn(env = {}) {
  const [dataDir, spool] = [makeFolder(), makeFolder()];
  const gateway = await startGateway({ dataDir, env: { TMPDIR: spool, ...env } });
  const stop = async () => {
    await gateway.stop();
    removeFolder(dataDir);
  };
  return { gateway, dataDir, spool, stop };
}

async function createCollection({ url }) {
  const query =
    'mutation { createCollection(input: { name: "soak" }) { ... on CreateCollectionSuccess { publicKey secretKey collection { collectionId } } } }';
  const { body } = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { publicKey, secretKey, collection } = (await body.json()).data.createCollection;
  return { publicKey, secretKey, collectionId: collection.collectionId };
}
