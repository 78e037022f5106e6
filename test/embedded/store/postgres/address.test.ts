import { describe, expect, it } from 'vitest';
import { DatabaseUrlError, parsePostgresUrl } from '#src/embedded/store/postgres/address.js';

const PASSWORD = 'S3cr3t:p@ss';
const ENCODED = encodeURIComponent(PASSWORD);

describe('The address of a PostgreSQL', () => {
  it('has defaults for all but host and database', () => {
    expect(parsePostgresUrl('postgres://db.example/name')).toEqual({
      host: 'db.example',
      port: 5432,
      database: 'name',
      user: undefined,
      password: undefined,
      applicationName: 'lookalike',
      maxConnections: 10,
      ssl: false,
      prepares: false,
    });
  });

  it('has all that its URL says', () => {
    const url = `postgresql://us%40er:${ENCODED}@[::1]:6432/na%20me?max=3&prepare=1&application_name=x&sslmode=no-verify`;
    expect(parsePostgresUrl(url)).toEqual({
      host: '::1',
      port: 6432,
      database: 'na me',
      user: 'us@er',
      password: PASSWORD,
      applicationName: 'x',
      maxConnections: 3,
      ssl: { rejectUnauthorized: false },
      prepares: true,
    });
  });

  it('may be the folder of a socket', () => {
    expect(parsePostgresUrl('postgres:///name?host=/run/postgresql')).toMatchObject({
      host: '/run/postgresql',
    });
  });

  it.each([
    ['disable', false],
    ['no-verify', { rejectUnauthorized: false }],
    ['require', { rejectUnauthorized: true }],
    ['verify-full', { rejectUnauthorized: true }],
  ])('takes sslmode=%s as what it says', (mode, ssl) => {
    expect(parsePostgresUrl(`postgres://h/d?sslmode=${mode}`).ssl).toEqual(ssl);
  });

  it.each([
    ['mysql://u:PASSWORD@h/d', 'must begin with'],
    ['postgres://u:PASSWORD@h', 'name of the database is missing'],
    ['postgres://u:PASSWORD@h/', 'name of the database is missing'],
    ['postgres://u:PASSWORD@h/a/b', 'no "/"'],
    ['postgres:///d', 'host is missing'],
    ['postgres://u:PASSWORD@a,b/d', 'several hosts'],
    ['postgres://u:PASSWORD@a:1,b:2/d', 'several hosts'],
    ['postgres://u:PASSWORD@h:99999/d', 'not a URL'],
    ['postgres://u:PASSWORD@h:port/d', 'not a URL'],
    ['postgres://u:PASSWORD@h/d#x', '%23'],
    ['postgres://u:%ZZ@h/d', 'percent-encoded'],
    ['postgres://u:PASSWORD@h/d?max=0', 'max must be'],
    ['postgres://u:PASSWORD@h/d?max=1e2', 'max must be'],
    ['postgres://u:PASSWORD@h/d?max=1001', 'max must be'],
    ['postgres://u:PASSWORD@h/d?max=', 'max must be'],
    ['postgres://u:PASSWORD@h/d?max=1&max=2', 'given twice'],
    ['postgres://u:PASSWORD@h/d?prepare=yes', 'prepare must be'],
    ['postgres://u:PASSWORD@h/d?sslmode=prefer', 'sslmode must be'],
    ['postgres://u:PASSWORD@h/d?sslrootcert=/nowhere', 'needs sslmode'],
    ['postgres://u:PASSWORD@h/d?sslmode=require&sslrootcert=/nowhere', 'ENOENT'],
    ['postgres://u:PASSWORD@h/d?host=other', 'begins with "/"'],
    ['postgres://u:PASSWORD@h/d?options=-c', 'unknown'],
    ['postgres://u:PASSWORD@h/d?statement_timeout=1', 'unknown'],
    ['postgres://u:a/b@h/d', ''],
    ['', 'must begin with'],
  ])('is refused in one line: %s', (url, reason) => {
    const error = refusal(url.replace('PASSWORD', ENCODED));
    expect(error).toBeInstanceOf(DatabaseUrlError);
    expect(error.message).toMatch(/^DATABASE_URL: .+$/);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('S3cr3t');
  });
});

function refusal(url: string): Error {
  try {
    parsePostgresUrl(url);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was not refused.');
}
