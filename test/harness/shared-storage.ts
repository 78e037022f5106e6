import type { Storage } from '#src/embedded/open-storage.js';
import {
  bouncerMissing,
  createDatabase,
  postgresMissing,
  startBouncer,
  startPostgres,
  type TestBouncer,
  type TestServer,
} from './postgres.js';
import { hasSwift, NO_SWIFT, SWIFT_KEYS, SWIFT_START_MS, Swift } from './swift.js';

/** Why tests with a storage that gateways share are skipped; null where they run. */
export const sharedStorageMissing: string | null =
  postgresMissing ?? (hasSwift ? null : `skipped: ${NO_SWIFT}`);

/** How long the start of its servers may take on a slow machine, in milliseconds. */
export const SHARED_STORAGE_START_MS = SWIFT_START_MS + 60_000;

const BUCKET = 'pictures';

/** One PostgreSQL and one S3 server, with a bouncer where there is one. */
export class SharedStorage implements AsyncDisposable {
  readonly postgres: TestServer;
  readonly swift: Swift;
  #bouncer: TestBouncer | null = null;
  #uses = 0;

  private constructor(postgres: TestServer, swift: Swift) {
    this.postgres = postgres;
    this.swift = swift;
  }

  static async start(): Promise<SharedStorage> {
    const swift = await Swift.start();
    const postgres = await startPostgres().catch(async (error: unknown) => {
      await swift[Symbol.asyncDispose]();
      throw error;
    });
    const shared = new SharedStorage(postgres, swift);
    try {
      if (!bouncerMissing) shared.#bouncer = await startBouncer(postgres);
      await swift.makeBucket(BUCKET);
      return shared;
    } catch (error) {
      await shared[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An empty database, and a part of the bucket that nothing is in. */
  async create(): Promise<Extract<Storage, { kind: 'SHARED' }>> {
    return {
      kind: 'SHARED',
      databaseUrl: await createDatabase(this.postgres),
      blobsUrl: this.swift.blobsUrl(BUCKET, `use-${++this.#uses}`),
      env: SWIFT_KEYS,
    };
  }

  /** The same storage by way of the bouncer, which gives each transaction another of a few connections. */
  bounced<S extends { databaseUrl: string }>(storage: S): S {
    if (!this.#bouncer) throw new Error('There is no bouncer here.');
    return { ...storage, databaseUrl: this.#bouncer.through(storage.databaseUrl) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bouncer?.stop();
    await this.swift[Symbol.asyncDispose]();
    await this.postgres.stop();
  }
}

/** What a gateway of its own process is given. */
export function storageEnv({
  databaseUrl,
  blobsUrl,
  env,
}: Extract<Storage, { kind: 'SHARED' }>): NodeJS.ProcessEnv {
  return { ...env, DATABASE_URL: databaseUrl, BLOBS_URL: blobsUrl };
}
