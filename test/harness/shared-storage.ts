import pg from 'pg';
import { type OpenStorage, openStorage, type Storage } from '#src/embedded/open-storage.js';
import { SWIFT_KEYS } from './swift.js';

/** Where gateways keep rows and bytes together. */
export class SharedStorage implements Extract<Storage, { kind: 'SHARED' }> {
  readonly kind = 'SHARED';
  readonly databaseUrl: string;
  readonly blobsUrl: string;
  /** What a gateway or a command is given. */
  readonly env: Record<string, string>;

  constructor(databaseUrl: string, blobsUrl: string) {
    this.databaseUrl = databaseUrl;
    this.blobsUrl = blobsUrl;
    this.env = { DATABASE_URL: databaseUrl, BLOBS_URL: blobsUrl, ...SWIFT_KEYS };
  }

  /** What the keys of its objects begin with. */
  get prefix(): string {
    return new URL(this.blobsUrl).pathname.slice(1);
  }

  open(): Promise<OpenStorage> {
    return openStorage(this, {});
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
