import { randomBytes } from 'node:crypto';
import {
  bouncerMissing,
  createDatabase,
  type DatabaseServer,
  postgresMissing,
  startBouncer,
  startPostgres,
  type TestBouncer,
  type TestServer,
} from './postgres.js';
import { sharePostgres, shareSwift } from './run-servers.js';
import { SharedStorage } from './shared-storage.js';
import { hasSwift, NO_SWIFT, type S3Server, Swift } from './swift.js';

/** Why tests with a storage that gateways share are skipped; null where they run. */
export const sharedStorageMissing: string | null =
  postgresMissing ?? (hasSwift ? null : `skipped: ${NO_SWIFT}`);

/** A PostgreSQL and an S3 server, with a bouncer where there is one. */
export class SharedServers<Postgres extends DatabaseServer = DatabaseServer, S3 extends S3Server = S3Server>
  implements AsyncDisposable
{
  readonly postgres: Postgres;
  readonly swift: S3;
  readonly #bucket = `pictures-${randomBytes(4).toString('hex')}`;
  readonly #stopSwift: () => PromiseLike<void>;
  #bouncer: TestBouncer | null = null;
  #uses = 0;

  private constructor(postgres: Postgres, swift: S3, stopSwift: () => PromiseLike<void>) {
    this.postgres = postgres;
    this.swift = swift;
    this.#stopSwift = stopSwift;
  }

  /** On the servers of the run. */
  static async start(): Promise<SharedServers> {
    const [postgres, swift] = await Promise.all([sharePostgres(), shareSwift()]);
    return new SharedServers(postgres, swift, async () => {}).#prepare();
  }

  /** On servers of its own, which can be stopped. */
  static async startOwn(): Promise<SharedServers<TestServer, Swift>> {
    const swift = await Swift.start();
    const stopSwift = () => swift[Symbol.asyncDispose]();
    const postgres = await startPostgres().catch(async (error: unknown) => {
      await stopSwift();
      throw error;
    });
    return new SharedServers(postgres, swift, stopSwift).#prepare();
  }

  async #prepare(): Promise<this> {
    try {
      if (!bouncerMissing) this.#bouncer = await startBouncer(this.postgres);
      await this.swift.makeBucket(this.#bucket);
      return this;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An empty database, and a part of the bucket that nothing is in. */
  async create(): Promise<SharedStorage> {
    const prefix = `use-${++this.#uses}`;
    return new SharedStorage(await createDatabase(this.postgres), this.swift.blobsUrl(this.#bucket, prefix));
  }

  /** The same storage by way of the bouncer, which gives each transaction another of a few connections. */
  bounced({ databaseUrl, blobsUrl }: SharedStorage): SharedStorage {
    if (!this.#bouncer) throw new Error('There is no bouncer here.');
    return new SharedStorage(this.#bouncer.through(databaseUrl), blobsUrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bouncer?.stop();
    await this.#stopSwift();
    await this.postgres.stop();
  }
}
