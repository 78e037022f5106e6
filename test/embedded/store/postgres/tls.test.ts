import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '#src/embedded/store/postgres/open.js';
import {
  createDatabase,
  postgresMissing,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';

const missing =
  postgresMissing ?? (hasOpenssl() ? null : 'skipped: no openssl here; apt-get install openssl');

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(missing)(`TLS to PostgreSQL${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let certificate: string;
  let server: TestServer;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-tls-'));
    certificate = join(folder, 'server.crt');
    const key = join(folder, 'server.key');
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names];
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    server = await startPostgres({ tls: { key, certificate } });
    url = (await createDatabase(server)).replace('127.0.0.1', 'localhost');
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function usesTls(parameters: string): Promise<boolean> {
    const { db, close } = await openPostgresStore(url + parameters);
    const { rows } = await sql<{ ssl: boolean }>`
      select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    await close();
    return rows[0]!.ssl;
  }

  it('is there where it is asked for', async () => {
    expect(await usesTls('')).toBe(false);
    expect(await usesTls('?sslmode=disable')).toBe(false);
    expect(await usesTls('?sslmode=no-verify')).toBe(true);
    expect(await usesTls(`?sslmode=verify-full&sslrootcert=${certificate}`)).toBe(true);
    expect(await usesTls(`?sslmode=require&sslrootcert=${certificate}`)).toBe(true);
  });

  it('is refused with a certificate that nobody vouches for, and for another name', async () => {
    await expect(usesTls('?sslmode=require')).rejects.toThrow(/^DATABASE_URL: .*self-signed certificate/);
    url = url.replace('localhost', '127.0.0.1');
    await expect(usesTls(`?sslmode=verify-full&sslrootcert=${certificate}`)).rejects.toThrow(
      /^DATABASE_URL: .*IP/,
    );
  });
});
