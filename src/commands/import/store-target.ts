import { join } from 'node:path';
import type { Config } from '../../config.js';
import { makeFolder } from '../../embedded/make-folder.js';
import { createPicturePool, type PicturePool } from '../../embedded/picture/picture-pool.js';
import { openScratch, type Scratch } from '../../embedded/scratch.js';
import { createFileStaging } from '../../embedded/staging.js';
import { openServices, type Services } from '../../open-services.js';
import { inBucket } from '../../services/bucket.js';
import { RefusedImageError, type StoreStatus } from '../../services/entry-origin.js';
import { contentHashAt } from '../../services/imgcache.js';
import {
  PICTURE_PROBLEMS,
  type StagedImage,
  type Staging,
  TooManyBytesError,
} from '../../services/staged-image.js';
import { now } from '../../services/timestamp.js';
import { ImageExistsError, NotAPictureError } from '../../services/visualsnoop.js';
import { CommandError } from '../command-line.js';
import { openBytes } from './bytes.js';
import { ItemError } from './item.js';
import { KnownFacts } from './known-facts.js';
import type { Known, ReadItem, Target } from './target.js';

export interface StoreTargetOptions {
  collectionId?: string | undefined;
  /** Gets what goes wrong in the background. */
  onError(error: unknown): void;
  onNotice(notice: string): void;
}

/**
 * Imports through the services that a gateway with this config would open, within this process.
 * @throws FolderInUseError where a gateway has the data folder
 */
export async function openStoreTarget(config: Config, options: StoreTargetOptions): Promise<Target> {
  await makeFolder(config.dataDir);
  const pictures = createPicturePool({ maxPixels: config.maxPixels });
  const scratch = await openScratch(join(config.dataDir, 'incoming'));
  try {
    const { onError, onNotice, collectionId = null } = options;
    const services = await openServices(config, pictures, { scratchDir: scratch.folder, onError });
    const parts = { services, pictures, scratch, maxBytes: config.maxUploadBytes, onNotice };
    return await requireCollection(new StoreTarget(parts, collectionId));
  } catch (error) {
    await scratch.close();
    await pictures.close();
    throw error;
  }
}

/** @throws CommandError for a collection that is not there; then the services are closed */
async function requireCollection(target: StoreTarget): Promise<StoreTarget> {
  try {
    await target.requireCollection();
    return target;
  } catch (error) {
    await target.closeServices();
    throw error;
  }
}

interface Parts {
  services: Services;
  pictures: PicturePool;
  scratch: Scratch;
  maxBytes: number;
  onNotice(notice: string): void;
}

class StoreTarget implements Target {
  readonly restores: boolean;
  readonly #parts: Parts;
  readonly #services: Services;
  readonly #staging: Staging;
  readonly #collectionId: string | null;
  readonly #facts: KnownFacts;

  constructor(parts: Parts, collectionId: string | null) {
    this.#parts = parts;
    this.#services = parts.services;
    this.#staging = createFileStaging(parts.scratch.folder, parts.pictures, parts.services.needsBlake3);
    this.#collectionId = collectionId;
    this.#facts = new KnownFacts(parts.onNotice);
    this.restores = this.#services.imgcache.restore !== undefined;
  }

  /** @throws CommandError where there is no such collection */
  async requireCollection(): Promise<void> {
    if (this.#collectionId === null) return;
    const [found] = await this.#services.visualsnoop.getCollections([this.#collectionId]);
    if (!found) throw new CommandError(`There is no collection ${this.#collectionId}.`);
  }

  async find(contentHashes: readonly string[], bucket: string | undefined): Promise<(Known | null)[]> {
    const { visualsnoop } = this.#services;
    const imgcache = inBucket(this.#services.imgcache, bucket);
    const entries = await imgcache.getMeta(contentHashes);
    const known = entries.flatMap((entry) => (entry ? [entry.contentHash] : []));
    const urls = new Map((await imgcache.getUrls(known)).map((each, at) => [known[at]!, new Set(each)]));
    const members =
      this.#collectionId === null
        ? null
        : await visualsnoop.findByContentHash(contentHashes, [this.#collectionId], 1);
    return entries.map(
      (entry, at) =>
        entry && {
          urls: urls.get(entry.contentHash)!,
          inCollection: members === null || members[at]!.length > 0,
        },
    );
  }

  async hasUrls(urls: readonly string[], bucket: string | undefined): Promise<boolean[]> {
    const entries = await inBucket(this.#services.imgcache, bucket).lookup(urls);
    const hashes = entries.flatMap((entry) => (entry ? [entry.contentHash] : []));
    const known = await this.find(hashes, bucket);
    const found = known.values();
    return entries.map((entry) => entry !== null && (found.next().value?.inCollection ?? false));
  }

  async store(read: ReadItem): Promise<StoreStatus> {
    await using image = await this.#stage(read);
    const status = await this.#storeStaged(read, image);
    if (this.#collectionId !== null) await this.#addStaged(this.#collectionId, image);
    return status;
  }

  async #storeStaged({ item, clientName }: ReadItem, image: StagedImage): Promise<StoreStatus> {
    const imgcache = inBucket(this.#services.imgcache, item.bucket);
    const { url, filename, lookupTime, createdAt, notes } = item;
    if (createdAt && imgcache.restore) {
      const facts = await this.#facts.of(item, image);
      const record = { ...notes, url, clientName, createdAt, lookupTime: lookupTime ?? createdAt, facts };
      return (await imgcache.restore(image, { ...record, originalFilename: filename ?? null })).status;
    }
    const { problem } = await image.facts();
    if (problem !== null) throw new ItemError(PICTURE_PROBLEMS[problem]);
    const origin = { url, clientName, lookupTime: lookupTime ?? now(), ...(filename && { filename }) };
    const { status } = await imgcache.store(image, origin).catch((error: unknown) => {
      throw error instanceof RefusedImageError ? new ItemError(error.message) : error;
    });
    return status;
  }

  addToCollection(reads: readonly ReadItem[]): Promise<(Error | null)[]> {
    return Promise.all(
      reads.map(async (read) => {
        await using image = await this.#stage(read);
        // The image goes with this function, so its end is waited for.
        return await this.#addStaged(this.#collectionId!, image).then(
          () => null,
          (error: Error) => error,
        );
      }),
    );
  }

  /** As `ingestImage` does: what is there under its content hash stays as it is. */
  async #addStaged(collectionId: string, image: StagedImage): Promise<void> {
    const { imgcache, visualsnoop } = this.#services;
    const imageId = await contentHashAt(imgcache, image);
    const options = { imageId, updateExisting: visualsnoop.mode === 'EMBEDDED' };
    try {
      await visualsnoop.addImage(collectionId, image, options);
    } catch (error) {
      if (error instanceof NotAPictureError)
        throw new ItemError('It is stored, but collections take only images that can be decoded.');
      if (!(error instanceof ImageExistsError)) throw error;
    }
  }

  async #stage({ bytes }: ReadItem): Promise<StagedImage> {
    const { maxBytes } = this.#parts;
    const image = await this.#staging.stage(openBytes(bytes), { maxBytes }).catch((error: unknown) => {
      throw error instanceof TooManyBytesError ? new ItemError(error.message) : error;
    });
    if (image.contentHash === bytes.contentHash) return image;
    await image[Symbol.asyncDispose]();
    throw new ItemError('The file was changed while it was read.');
  }

  closeServices(): Promise<void> {
    return this.#services.close();
  }

  async close(): Promise<void> {
    await this.closeServices();
    await this.#parts.scratch.close();
    await this.#parts.pictures.close();
  }
}
