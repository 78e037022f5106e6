import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { scrape } from '../harness/exposition.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { LogLines } from '../harness/log-lines.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import { SWIFT_KEYS } from '../harness/swift.js';

const SECRET = 's3cr3t-0f-th3-t3st';
const PHOTO = 'photos/03-fig.jpg';
const { blake2b256: hash } = golden(PHOTO);
const STORE = `mutation ($input: StoreEntryInput!) {
  storeEntry(input: $input) { __typename ... on StoreEntrySuccess { entry { fileUrl } } }
}`;
const ENTRY = `{ entry(contentHash: "${hash}") { contentHash } }`;

describe.skipIf(sharedStorageMissing)(
  `Two gateways on one PostgreSQL and one S3 ${sharedStorageMissing ? `(${sharedStorageMissing})` : ''}`,
  () => {
    const lines = new LogLines('trace');
    const others = new LogLines('trace');
    let servers: Awaited<ReturnType<typeof SharedServers.startOwn>>;
    let one: TestGateway;
    let other: TestGateway;

    beforeAll(async () => {
      for (const [name, value] of Object.entries(SWIFT_KEYS)) vi.stubEnv(name, value);
      servers = await SharedServers.startOwn();
      const { databaseUrl, blobsUrl } = await servers.create();
      const shared = { databaseUrl: databaseUrl.replace('@', `:${SECRET}@`), blobsUrl };
      expect(shared.databaseUrl).toContain(SECRET);
      const reporting = (to: LogLines) => ({
        log: to.log,
        onError: (err: unknown) => to.log.error({ err }, 'unexpected error'),
      });
      one = await startGateway(shared, reporting(lines));
      const publicUrl = 'https://pictures.example';
      other = await startGateway({ ...shared, dataDir: one.dataDir, publicUrl }, reporting(others));
    });

    afterAll(async () => {
      await one?.stop();
      await other?.stop();
      await servers?.[Symbol.asyncDispose]();
      if (one) rmSync(one.dataDir, { recursive: true });
      vi.unstubAllEnvs();
    });

    it('share a data folder, in which they keep nothing', async () => {
      const input = { url: 'https://x.example/', clientName: 'test', image: { upload: null } };
      const stored = await one.upload(STORE, { input }, { 'input.image.upload': picture(PHOTO) });
      expect(stored.data?.storeEntry).toMatchObject({ __typename: 'StoreEntrySuccess' });
      const response = await fetch(`${other.url}/files/${hash}`);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(picture(PHOTO));
      expect(readdirSync(one.dataDir)).toEqual(['incoming']);
    });

    it('warn where PUBLIC_URL is not set, as their addresses differ', () => {
      const warned = (of: LogLines) => of.lines.filter(({ msg }) => String(msg).startsWith('PUBLIC_URL'));
      expect(warned(lines)).toMatchObject([{ level: 'warn' }]);
      expect(warned(others)).toEqual([]);
    });

    it('measure statements, connections, the database and the calls to the object store', async () => {
      const { value, seriesOf } = await scrape(one.url);
      expect(value('lookalike_database_up')).toBe(1);
      expect(value('lookalike_sql_duration_seconds_count{kind="WRITE"}')).toBeGreaterThan(0);
      const connections = (state: string) =>
        value(`lookalike_database_connections_current{state="${state}"}`);
      expect(connections('BUSY') + connections('IDLE')).toBeGreaterThan(0);
      for (const name of ['oldest_transaction_seconds', 'snapshot_lag_transactions', 'listed_changes'])
        expect(seriesOf(`lookalike_database_${name}`)).toHaveLength(1);
      // Of the probe at the start, and of the picture.
      expect(value('lookalike_object_calls_total{operation="PutObject",outcome="OK"}')).toBe(2);
      expect(value('lookalike_object_call_duration_seconds_count{operation="PutObject"}')).toBe(2);
      expect(value('lookalike_object_calls_current{state="RUNNING"}')).toBe(0);
      expect(value('lookalike_object_breaker_state{state="CLOSED"}')).toBe(1);
    });

    it('warn of a failing object store until its breaker opens', async () => {
      await servers.swift.stopProxy();
      for (let read = 0; read < 10; read++)
        expect((await fetch(`${one.url}/files/${hash}`)).status).toBe(503);
      expect(lines.with({ msg: 'object store call failed', operation: 'GetObject' })).toHaveLength(5);
      expect(lines.with({ msg: 'object store call failed' })[0]).toMatchObject({
        level: 'warn',
        outcome: 'UNAVAILABLE',
        key: expect.stringContaining(hash),
        requestId: expect.any(String),
        cause: expect.stringMatching(/ECONNREFUSED/),
      });
      expect(lines.with({ msg: 'circuit breaker opened', service: 'S3' })).toHaveLength(1);
      const { value } = await scrape(one.url);
      expect(value('lookalike_object_breaker_state{state="CLOSED"}')).toBe(0);
      expect(value('lookalike_object_retries_total{operation="GetObject"}')).toBeGreaterThan(0);
    });

    it('warn of an outage of the database once, are scraped in it, and say when it is over', async () => {
      await servers.postgres.kill();
      for (let statement = 0; statement < 10; statement++) {
        const { errors } = await one.graphql(ENTRY);
        expect(errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
      }
      const outages = () => lines.with({ msg: 'the database cannot be used' });
      expect(outages()).toMatchObject([{ level: 'warn', cause: expect.any(String) }]);
      const during = await scrape(one.url);
      expect(during.value('lookalike_database_up')).toBe(0);
      expect(during.seriesOf('lookalike_database_oldest_transaction_seconds')).toEqual([]);

      await servers.postgres.start();
      const over = () => lines.with({ msg: 'the database can be used again' });
      while (over().length === 0) {
        await one.graphql(ENTRY);
        await sleep(500);
      }
      expect((await one.graphql(ENTRY)).data.entry).toEqual({ contentHash: hash });
      expect([outages().length, over().length]).toEqual([1, 1]);
    });

    it('keep passwords and secrets out of their logs, and have no unexpected errors', async () => {
      for (const { text } of [lines, others]) {
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain(SWIFT_KEYS.AWS_SECRET_ACCESS_KEY);
      }
      expect(lines.with({ msg: 'unexpected error' })).toEqual([]);
    });
  },
);
