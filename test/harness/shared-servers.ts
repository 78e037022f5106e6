import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { type OpenStorage, openStorage, type Storage } from '#src/embedded/open-storage.js';
import { createDatabase, postgresMissing, startPostgres, type TestServer } from './postgres.js';
import type { Result } from './run-here.js';
import { hasSwift, NO_SWIFT, SWIFT_KEYS, Swift } from './swift.js';

export { runHere } from './run-here.js';

/** Why tests with PostgreSQL and S3 are skipped; null where they run. */
export const sharedMissing: string | null = postgresMissing ?? (hasSwift ? null : `skipped: ${NO_SWIFT}`);

export const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

/** A real PostgreSQL and a real S3 server. */
export class SharedServers implements AsyncDisposable {
  readonly postgres: TestServer;
  readonly swift: Swift;
  #buckets = 0;

  private constructor(postgres: TestServer, swift: Swift) {
    this.postgres = postgres;
    this.swift = swift;
  }

  static async start(): Promise<SharedServers> {
    const [postgres, swift] = await Promise.all([startPostgres(), Swift.start()]);
    return new SharedServers(postgres, swift);
  }

  /** An empty database, and a bucket of which only a prefix is its own. */
  async create(): Promise<SharedStorage> {
    const bucket = `bucket-${process.pid}-${++this.#buckets}`;
    await this.swift.makeBucket(bucket);
    return new SharedStorage(await createDatabase(this.postgres), this.swift.blobsUrl(bucket, 'prefix'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.swift[Symbol.asyncDispose]();
    await this.postgres.stop();
  }
}

/** Where two gateways keep rows and bytes together. */
export class SharedStorage {
  readonly databaseUrl: string;
  readonly blobsUrl: string;

  constructor(databaseUrl: string, blobsUrl: string) {
    this.databaseUrl = databaseUrl;
    this.blobsUrl = blobsUrl;
  }

  get storage(): Storage {
    return {
      kind: 'SHARED',
      databaseUrl: this.databaseUrl,
      blobsUrl: this.blobsUrl,
      env: SWIFT_KEYS as NodeJS.ProcessEnv,
    };
  }

  get env(): Record<string, string> {
    return { DATABASE_URL: this.databaseUrl, BLOBS_URL: this.blobsUrl, ...SWIFT_KEYS };
  }

  open(): Promise<OpenStorage> {
    return openStorage(this.storage, {});
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(this.databaseUrl);
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }
}

/** Runs a command of the built program. */
export async function lookalike(args: readonly string[], env: Record<string, string>): Promise<Result> {
  // Not in the folder of the project, which may have a config file.
  const cwd = mkdtempSync(join(tmpdir(), 'lookalike-cwd-'));
  // A gateway that starts where it should not would run on.
  const options = { env: { PATH: process.env.PATH, ...env }, cwd, timeout: 240_000 };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [BIN, ...args], options)) };
  } catch (error) {
    // What execFile throws for a program that ends with another code.
    const { code, stdout, stderr } = error as Result;
    return { code, stdout, stderr };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
