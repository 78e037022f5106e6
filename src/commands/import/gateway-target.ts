import { readFile } from 'node:fs/promises';
import { type Client, createClient, LookalikeError, type Uploadable } from '../../client/index.js';
import type { StoreStatus } from '../../services/entry-origin.js';
import { CommandError } from '../command-line.js';
import { openBytes } from './bytes.js';
import {
  ADD_TO_COLLECTION,
  type AddResult,
  COLLECTION,
  HAS_URLS,
  INGEST,
  KNOWN,
  STORE,
  type StoreInput,
  type StoreResult,
} from './gateway-documents.js';
import { ItemError } from './item.js';
import { type Known, type ReadItem, type Target, TryAgainError } from './target.js';

export interface GatewayTargetOptions {
  /** The address of the gateway. */
  server: string;
  key?: string | undefined;
  collectionId?: string | undefined;
}

/** Larger files are sent as they are read. */
const MAX_READ_BYTES = 4 * 1024 * 1024;

/** Codes of errors that may be over in a moment. */
const TRANSIENT = new Set([
  'NETWORK_ERROR',
  'SERVICE_UNAVAILABLE',
  'SERVICE_TIMEOUT',
  'ISSUER_UNAVAILABLE',
  'REQUEST_TIMEOUT',
]);

/** Codes of errors that another picture need not meet. */
const OF_ONE = new Set(['BAD_USER_INPUT', 'PAYLOAD_TOO_LARGE', 'INTERNAL_SERVER_ERROR']);

/**
 * Imports into a running gateway.
 * @throws CommandError where it refuses, or has no such collection
 */
export async function openGatewayTarget(options: GatewayTargetOptions): Promise<Target> {
  const target = new GatewayTarget(options);
  await target.requireCollection().catch((error: unknown) => {
    throw error instanceof TryAgainError || error instanceof ItemError
      ? new CommandError(error.message)
      : error;
  });
  return target;
}

class GatewayTarget implements Target {
  readonly restores = false;
  readonly #client: Client;
  readonly #server: string;
  readonly #collectionId: string | null;

  constructor({ server, key, collectionId }: GatewayTargetOptions) {
    this.#server = server.replace(/\/+$/, '').replace(/\/graphql$/, '');
    this.#client = createClient({
      url: `${this.#server}/graphql`,
      ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
    });
    this.#collectionId = collectionId ?? null;
  }

  /** Asks for something in any case, so that a wrong address or key is told at once. */
  async requireCollection(): Promise<void> {
    const collectionId = this.#collectionId ?? '';
    const asked = this.#collectionId !== null;
    const { collection } = await this.#ask(() => this.#client.request(COLLECTION, { collectionId, asked }));
    if (asked && !collection) throw new CommandError(`There is no collection ${collectionId}.`);
  }

  async find(contentHashes: readonly string[], bucket: string | undefined): Promise<(Known | null)[]> {
    const { entriesByContentHash } = await this.#ask(() =>
      this.#client.request(KNOWN, { contentHashes, bucket, ...this.#membership }),
    );
    return entriesByContentHash.map(
      (entry) => entry && { urls: new Set(entry.urls), inCollection: isMember(entry) },
    );
  }

  async hasUrls(urls: readonly string[], bucket: string | undefined): Promise<boolean[]> {
    const { entriesByUrl } = await this.#ask(() =>
      this.#client.request(HAS_URLS, { urls, bucket, ...this.#membership }),
    );
    return entriesByUrl.map((entry) => entry !== null && isMember(entry));
  }

  /** Asks whether what is there is in the collection, too. */
  get #membership() {
    const inCollection = this.#collectionId !== null;
    return { inCollection, collectionIds: inCollection ? [this.#collectionId!] : [] };
  }

  async store(read: ReadItem): Promise<StoreStatus> {
    const upload = await uploadOf(read);
    const { url, filename, lookupTime, bucket } = read.item;
    const input: StoreInput = {
      url,
      clientName: read.clientName,
      image: { upload },
      ...(filename && { filename }),
      ...(lookupTime && { lookupTime }),
      ...(bucket !== undefined && { bucket }),
    };
    const collectionId = this.#collectionId;
    const { stored } = await this.#ask<{ stored: StoreResult }>(() =>
      collectionId === null
        ? this.#client.request(STORE, { input })
        : this.#client.request(INGEST, { input: { ...input, collectionId } }),
    );
    if (stored.__typename === 'IngestImagePartial') throw refusal(stored.imageError);
    if (stored.status === undefined) throw refusal(stored);
    return stored.status;
  }

  async addToCollection(reads: readonly ReadItem[]): Promise<(Error | null)[]> {
    const bucket = reads[0]?.item.bucket;
    const input = {
      collectionId: this.#collectionId!,
      contentHashes: reads.map(({ bytes }) => bytes.contentHash),
      ...(bucket !== undefined && { bucket }),
    };
    const { added } = await this.#ask(() => this.#client.request(ADD_TO_COLLECTION, { input }));
    if (!added.results) throw refusal(added);
    return added.results.map((result) => (result.__typename === 'AddImageSuccess' ? null : refusal(result)));
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof LookalikeError)) return error;
    const { code, status, message } = error;
    if (TRANSIENT.has(code) || (code === 'BAD_RESPONSE' && status !== undefined && status >= 500))
      return new TryAgainError(`${this.#server}: ${message}`);
    if (OF_ONE.has(code)) return new ItemError(message);
    return new CommandError(`${this.#server} refuses: ${message}`);
  }

  async close(): Promise<void> {}
}

/** Where no collection was asked for, everything is. */
function isMember({ collectionImages }: { collectionImages?: readonly object[] }): boolean {
  return collectionImages === undefined || collectionImages.length > 0;
}

async function uploadOf({ bytes }: ReadItem): Promise<Uploadable> {
  return bytes.size <= MAX_READ_BYTES ? readFile(bytes.path) : openBytes(bytes);
}

function refusal({ __typename, message, retryable }: AddResult): Error {
  if (__typename === 'ServiceError' && retryable) return new TryAgainError(message);
  return new ItemError(message ?? `The gateway answers ${__typename}.`);
}
