import { storageOf } from '../../config/storage.js';
import type { Config } from '../../config.js';
import { FolderInUseError } from '../../embedded/folder-lock.js';
import { addressOf } from '../gateway-address.js';
import { requireFolder, storageFault } from '../storage.js';
import { openGatewayTarget } from './gateway-target.js';
import { openStoreTarget } from './store-target.js';
import type { Target } from './target.js';

export interface TargetOptions {
  server?: string | undefined;
  key?: string | undefined;
  collection?: string | undefined;
  /** Nothing is made then, not even a data folder. */
  dryRun?: true | undefined;
  onNotice(notice: string): void;
}

/**
 * Opens where to import into: the gateway that is named; else the store, or the gateway of this machine that has it for
 * itself.
 * @throws ConfigError CommandError
 */
export async function openTarget(
  config: Config,
  { server, key, collection: collectionId, dryRun, onNotice }: TargetOptions,
): Promise<Target> {
  if (server !== undefined) return openGatewayTarget({ server, key, collectionId });
  try {
    const isEmbedded = !(config.imgcacheUrl && config.visualsnoopUrl);
    if (dryRun && isEmbedded && storageOf(config).kind === 'FOLDER') requireFolder(config.dataDir);
    const onError = (error: unknown) => onNotice(error instanceof Error ? error.message : String(error));
    return await openStoreTarget(config, { collectionId, onError, onNotice });
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw storageFault(error, config);
    const address = addressOf(config, '--server');
    onNotice(`A gateway has the data folder, so that this goes through ${address}.`);
    return openGatewayTarget({ server: address, key, collectionId });
  }
}
