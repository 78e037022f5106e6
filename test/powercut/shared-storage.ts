import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { checkFolder } from '#src/embedded/check/check-folder.js';
import { openStorageReader, type Storage } from '#src/embedded/open-storage.js';
import { TcpRelay } from '../fakes/tcp-relay.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { createDatabase, startPostgres, type TestServer } from '../harness/postgres.js';
import { SWIFT_KEYS, Swift } from '../harness/swift.js';

const BUCKET = 'pictures';
const PREFIX = 'pre/fix';

/** What a check found of each kind. */
export interface Findings {
  /** Rows whose bytes are not there, or not theirs. */
  dangling: string[];
  /** Objects that nothing knows of. */
  leaked: string[];
  /** Rows, counts and hashes that do not fit the others. */
  orphans: string[];
}

/** A durable PostgreSQL and a Swift, each behind a network of its own that can fail. */
export class SharedStorage {
  readonly #server: TestServer;
  readonly #swift: Swift;
  readonly #databaseUrl: string;
  readonly #toDatabase: TcpRelay;
  readonly #toObjects: TcpRelay;

  private constructor(parts: [TestServer, string, Swift, TcpRelay, TcpRelay]) {
    [this.#server, this.#databaseUrl, this.#swift, this.#toDatabase, this.#toObjects] = parts;
  }

  static async start(): Promise<SharedStorage> {
    const [server, swift] = await Promise.all([startPostgres({ durable: true }), Swift.start()]);
    const url = await createDatabase(server);
    await patiently(() => swift.makeBucket(BUCKET));
    const toDatabase = await TcpRelay.to(server.port);
    const toObjects = await TcpRelay.to(Number(new URL(swift.url).port));
    return new SharedStorage([server, url, swift, toDatabase, toObjects]);
  }

  /** The environment of a gateway. */
  get settings(): Record<string, string> {
    return {
      ...SWIFT_KEYS,
      DATABASE_URL: `${this.#databaseUrl.replace(`:${this.#server.port}/`, `:${this.#toDatabase.port}/`)}?max=5`,
      BLOBS_URL: `s3://${BUCKET}/${PREFIX}?endpoint=http://127.0.0.1:${this.#toObjects.port}`,
    };
  }

  /** `kill -9` of the postmaster, and a new start: the log is replayed. */
  async crashDatabase(pauseMs: number): Promise<void> {
    const [pid] = readFileSync(join(this.#server.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await this.#server.kill();
    await sleep(pauseMs);
    // Its memory stays in use until the last of its processes has noticed.
    await patiently(() => this.#server.start());
  }

  async crashObjects(pauseMs: number): Promise<void> {
    await this.#swift.stopProxy('SIGKILL');
    await sleep(pauseMs);
    await this.#swift.startProxy();
  }

  /** Resets all connections, and lets none through for a while. */
  async cutNetwork(pauseMs: number): Promise<void> {
    const networks = [this.#toDatabase, this.#toObjects];
    await Promise.all(networks.map((network) => network.turn('REFUSE')));
    await sleep(pauseMs);
    await Promise.all(networks.map((network) => network.turn('PASS')));
  }

  async select<Row extends pg.QueryResultRow>(query: string): Promise<Row[]> {
    const client = new pg.Client(this.#databaseUrl);
    await client.connect();
    try {
      return (await client.query<Row>(query)).rows;
    } finally {
      await client.end();
    }
  }

  /** What `check` finds, as if no object had been written within the last hours. */
  async check(): Promise<Findings> {
    const { store, blobs, close } = await openStorageReader(this.#storage, {});
    const findings: Findings = { dangling: [], leaked: [], orphans: [] };
    const list = blobs.list.bind(blobs);
    blobs.list = async function* () {
      for await (const objects of list())
        yield objects.map((object) => ({ ...object, modifiedAt: new Date(0) }));
    };
    const folder = { store, blobs, quick: false, onProgress() {} };
    for await (const { kind, problem } of checkFolder(folder)) {
      if (/^(lost-bytes|corrupt-bytes|wrong-size)$/.test(kind)) findings.dangling.push(problem);
      else if (kind === 'stray-file') findings.leaked.push(problem);
      else findings.orphans.push(problem);
    }
    await close();
    return findings;
  }

  async stop(): Promise<void> {
    for (const relay of [this.#toDatabase, this.#toObjects]) await relay[Symbol.asyncDispose]();
    await this.#swift[Symbol.asyncDispose]();
    await this.#server.stop();
  }

  get #storage(): Storage {
    const blobsUrl = this.#swift.blobsUrl(BUCKET, PREFIX);
    return { kind: 'SHARED', databaseUrl: this.#databaseUrl, blobsUrl, env: SWIFT_KEYS };
  }
}

async function patiently(work: () => Promise<void>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(200);
    }
  }
}
