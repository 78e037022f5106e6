import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, type ExpectStatic, it, vi } from 'vitest';
import { storageFault } from '#src/commands/storage.js';
import { storageOf } from '#src/config/storage.js';
import { ConfigError, loadConfig } from '#src/config.js';
import { openStorage } from '#src/embedded/open-storage.js';
import { openPostgresStore } from '#src/embedded/store/postgres/open.js';
import { FaultyServer, html, refusingUrl } from '../fakes/faulty-server.js';
import { MemoryS3 } from '../fakes/memory-s3.js';
import { s3Error } from '../fakes/s3-behaviours.js';
import { createDatabase, postgresMissing, startPostgres, type TestServer } from '../harness/postgres.js';

/*
 * A gateway whose database or bucket cannot be used does not start: it says in one line which setting is wrong.
 */

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
/** As is promised. */
const WITHIN_MS = 40_000;
/** In URLs and variables: what must not be repeated. */
const SECRET = 'hunter2';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: `${SECRET}-key` };

interface Refusal {
  code: number | null;
  output: string;
}

/** Starts a gateway that is not to start. */
async function start(env: Record<string, string>): Promise<Refusal> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-refused-'));
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', LOOKALIKE_LOG_LEVEL: 'trace', TMPDIR: folder, ...KEYS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  return { code, output };
}

/** The line that a start says, without a process for it. */
async function refusalOf(env: Record<string, string>): Promise<string> {
  try {
    const config = loadConfig(env);
    const storage = storageOf(config, { ...KEYS, ...env });
    const opened = await openStorage(storage, {}).catch((error: unknown) => {
      throw storageFault(error, config);
    });
    await opened.close();
    return 'It starts.';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

vi.setConfig({ maxConcurrency: 4 });

const s3 = new MemoryS3();
let bucketServer: FaultyServer;
let blackHole: Server;
let blackHoleUrl: string;
let refusing: string;

beforeAll(async () => {
  bucketServer = await FaultyServer.start(s3.behaviour);
  blackHole = createServer(() => {}).listen(0, '127.0.0.1');
  await once(blackHole, 'listening');
  blackHoleUrl = `127.0.0.1:${(blackHole.address() as { port: number }).port}`;
  refusing = new URL(await refusingUrl()).host;
});
afterAll(async () => {
  await bucketServer.leave();
  blackHole.close();
});

const bucket = (endpoint = bucketServer.url) => `s3://pictures/pre?endpoint=${endpoint}`;
const database = (host: string, name = 'lookalike') => `postgres://somebody:${SECRET}@${host}/${name}`;

describe.concurrent('A start is refused in one line', () => {
  it.for<[what: string, env: () => Record<string, string>, line: RegExp]>([
    [
      'no database listens',
      () => ({ DATABASE_URL: database(refusing), BLOBS_URL: bucket() }),
      /^DATABASE_URL: no server listens at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\.$/,
    ],
    [
      'the database never responds',
      () => ({ DATABASE_URL: database(blackHoleUrl), BLOBS_URL: bucket() }),
      /^DATABASE_URL: no database responds at 127\.0\.0\.1:\d+\.$/,
    ],
    [
      'another server is at the address of the database',
      () => ({ DATABASE_URL: database(new URL(bucketServer.url).host), BLOBS_URL: bucket() }),
      /^DATABASE_URL: what responds at 127\.0\.0\.1:\d+ is not PostgreSQL\.$/,
    ],
    [
      'there is no such host',
      () => ({ DATABASE_URL: database('nowhere.invalid'), BLOBS_URL: bucket() }),
      /^DATABASE_URL: no address is found for the host nowhere\.invalid \(\w+\)\.$/,
    ],
    [
      'DATABASE_URL is not one',
      () => ({ DATABASE_URL: `mysql://somebody:${SECRET}@127.0.0.1/x`, BLOBS_URL: bucket() }),
      /^DATABASE_URL\b.*postgres:\/\//,
    ],
    [
      'BLOBS_URL is not one',
      () => ({ DATABASE_URL: database(refusing), BLOBS_URL: 's3:pictures' }),
      /^BLOBS_URL\b/,
    ],
    ['DATABASE_URL is alone', () => ({ DATABASE_URL: database(refusing) }), /^DATABASE_URL needs BLOBS_URL/],
    ['BLOBS_URL is alone', () => ({ BLOBS_URL: bucket() }), /^BLOBS_URL needs DATABASE_URL/],
    [
      'no object store listens',
      () => ({ DATABASE_URL: database(refusing), BLOBS_URL: bucket(`http://${refusing}`) }),
      /^BLOBS_URL: the object store at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\.$/,
    ],
    [
      'the object store never responds',
      () => ({ DATABASE_URL: database(refusing), BLOBS_URL: bucket(`http://${blackHoleUrl}`) }),
      /^BLOBS_URL: .* did not answer within 10 s\.$/,
    ],
    [
      'there are no credentials',
      () => ({
        DATABASE_URL: database(refusing),
        BLOBS_URL: bucket(),
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_EC2_METADATA_DISABLED: 'true',
        HOME: '/nowhere',
      }),
      /^AWS_ACCESS_KEY_ID\b/,
    ],
  ])('when %s', async ([, env, line], { expect }) => {
    const told = await refusalOf(env());
    expect(told).toMatch(line);
    expect(told).toMatch(/^[^\n]+\.$/);
    expect(told).not.toContain(SECRET);
  });

  it.for([
    ['the bucket is not there', s3Error(404, 'NoSuchBucket'), /^BLOBS_URL names the bucket pictures/],
    ['the secret is wrong', s3Error(403, 'SignatureDoesNotMatch'), /^AWS_SECRET_ACCESS_KEY, /],
    ['the endpoint is no S3', html(200), /^BLOBS_URL leads to .*, where no S3 responds\.$/],
  ] as const)('when %s', async ([, behaviour, line], { expect }) => {
    await using server = await FaultyServer.start(behaviour);
    const told = await refusalOf({ DATABASE_URL: database(refusing), BLOBS_URL: bucket(server.url) });
    expect(told).toMatch(line);
    expect(told).toMatch(/^[^\n]+\.$/);
    expect(told).not.toContain(SECRET);
  });
});

describe.concurrent('A process that is refused', () => {
  it.for<[what: string, env: () => Record<string, string>, setting: string]>([
    [
      'a database that never responds',
      () => ({ DATABASE_URL: database(blackHoleUrl), BLOBS_URL: bucket() }),
      'DATABASE_URL',
    ],
    [
      'an object store that is not there',
      () => ({ DATABASE_URL: database(refusing), BLOBS_URL: bucket(`http://${refusing}`) }),
      'BLOBS_URL',
    ],
  ])('%s ends with one line', async ([, env, setting], { expect }) => {
    expectRefusal(await start(env()), setting, expect);
  });
});

function expectRefusal({ code, output }: Refusal, setting: string, expect: ExpectStatic): void {
  expect(output).toMatch(new RegExp(`^lookalike: ${setting}\\b[^\\n]+\\n$`));
  expect(output).not.toContain(SECRET);
  expect(code).toBe(1);
}

describe
  .skipIf(postgresMissing)
  .concurrent(
    `A start on PostgreSQL is refused in one line${postgresMissing ? ` (${postgresMissing})` : ''}`,
    () => {
      let server: TestServer;
      let standby: TestServer;
      const urls: Record<string, string> = {};

      beforeAll(async () => {
        server = await startPostgres();
        for (const name of ['guarded', 'newer', 'unowned']) urls[name] = await createDatabase(server);
        await (await openPostgresStore(urls.newer!)).close();
        await query(urls.newer!, 'update lookalike_version set version = 99, minimum = 99');
        await query(
          urls.unowned!,
          `create role somebody login password '${SECRET}-right';
         create schema somebody authorization somebody`,
        );
        const hba = join(server.folder, 'data', 'pg_hba.conf');
        const rules = readFileSync(hba, 'utf8');
        const guarded = new URL(urls.guarded!).pathname.slice(1);
        writeFileSync(hba, `host ${guarded} somebody 127.0.0.1/32 scram-sha-256\n`);
        appendFileSync(hba, rules);
        await query(urls.guarded!, 'select pg_reload_conf()');
        standby = await server.startStandby();
      });
      afterAll(async () => {
        await standby?.stop();
        await server?.stop();
      });

      /** The database of that name, as somebody who shows a password. */
      const asSomebody = (name: string, password = `${SECRET}-wrong`) =>
        urls[name]!.replace(/\/\/[^@]*@/, `//somebody${password && `:${password}`}@`);

      it.for<[what: string, url: () => string, line: RegExp]>([
        [
          'the password is wrong',
          () => asSomebody('guarded'),
          /^DATABASE_URL: the password is not that of the user "somebody" \(28P01\)\.$/,
        ],
        [
          'there is no password',
          () => asSomebody('guarded', ''),
          /^DATABASE_URL: the server asks for a password, and there is none for the user "somebody"\.$/,
        ],
        [
          'there is no such database',
          () => database(`127.0.0.1:${server.port}`, 'nothing'),
          /^DATABASE_URL: the server has no database "nothing" \(3D000\)\.$/,
        ],
        [
          'TLS is asked for where there is none',
          () => `${urls.guarded}?sslmode=require`,
          /^DATABASE_URL: the server at \S+ has no TLS, which sslmode asks for\.$/,
        ],
        [
          'the database is a standby',
          () => urls.guarded!.replace(`:${server.port}/`, `:${standby.port}/`),
          /^DATABASE_URL: it leads to a standby/,
        ],
        ['the tables are too new', () => urls.newer!, /^DATABASE_URL: .* newer version of lookalike/],
        [
          'the user may not make the extension',
          () => asSomebody('unowned'),
          /^DATABASE_URL: the user may not make what lookalike needs: .*pg_trgm/,
        ],
      ])('when %s', async ([, url, line], { expect }) => {
        const told = await refusalOf({ DATABASE_URL: url(), BLOBS_URL: bucket() });
        expect(told).toMatch(line);
        expect(told).toMatch(/^[^\n]+\.$/);
        expect(told).not.toContain(SECRET);
      });

      it.for([`${SECRET}-wrong`, ''])(
        'when a process shows the password "%s"',
        async (password, { expect }) => {
          const env = { DATABASE_URL: asSomebody('guarded', password), BLOBS_URL: bucket() };
          expectRefusal(await start(env), 'DATABASE_URL', expect);
        },
      );
    },
  );

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}
