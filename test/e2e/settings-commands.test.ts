import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, runCommand } from '../harness/command.js';
import { until } from '../harness/patience.js';

const KEY = 'hush-hush-hush-hush';
const OTHER_KEY = 'other-key-of-the-test';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-settings-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

const write = (settings: object) =>
  writeFileSync(join(folder, 'lookalike.config.json'), JSON.stringify(settings));
const lookalike = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(args, { cwd: folder, env });

interface Served {
  url: string;
  child: ChildProcess;
  /** The lines of the log so far. */
  log(): Record<string, unknown>[];
}

async function serve(args: readonly string[] = []): Promise<Served> {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const [, url = ''] = await until(() => /ready: (\S+)\/graphql/.exec(output.stdout));
  return {
    url,
    child,
    log: () =>
      output.stderr
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line)),
  };
}

describe('lookalike config', () => {
  it('shows each setting and where it was given, and no secret', async () => {
    write({ logLevel: 'warn', apiKeys: [`read:${KEY}`], imgcacheUrl: `http://me:${KEY}@i.example/imgcache` });
    const { code, stdout } = await lookalike(['config', '--json'], { LOOKALIKE_SLOW_MS: '50' });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      logLevel: { value: 'warn', source: 'lookalike.config.json: logLevel' },
      slowMs: { value: '50', source: 'LOOKALIKE_SLOW_MS' },
      dataDir: { value: join(folder, 'data'), source: null },
      apiKeys: { value: '(hidden)', source: 'lookalike.config.json: apiKeys' },
      jwtIssuer: { value: null, source: null },
    });
    const table = await lookalike(['config']);
    expect(table.stdout).toMatch(/^LOOKALIKE_LOG_LEVEL +warn +lookalike\.config\.json: logLevel$/m);
    for (const text of [stdout, table.stdout]) expect(text).not.toContain(KEY);
  });

  it('warns of a variable that is no setting, and names the nearest', async () => {
    const { code, stderr } = await lookalike(['config'], { LOOKALIKE_LOGLEVEL: 'debug' });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'lookalike: warning: LOOKALIKE_LOGLEVEL is no setting: is it LOOKALIKE_LOG_LEVEL?\n',
    });
  });
});

describe('lookalike serve --check', () => {
  it('says that the settings can be used, and serves nothing', async () => {
    expect(await lookalike(['serve', '--check'])).toEqual({
      code: 0,
      stdout: 'The settings can be used.\n',
      stderr: '',
    });
  });

  it.each([
    [['--port', 'x'], {}, '--port must'],
    [['--host', '0.0.0.0'], {}, '--host is beyond loopback'],
    [[], { DATABASE_URL: 'mysql://h/d', BLOBS_URL: 's3://bucket' }, 'DATABASE_URL'],
    [[], { DATABASE_URL: 'postgres://h/d', BLOBS_URL: 's3://B' }, 'BLOBS_URL'],
    [[], { LOOKALIKE_TRUSTED_DOCUMENTS: 'no.json' }, 'LOOKALIKE_TRUSTED_DOCUMENTS'],
  ])('%j with %j ends with one line', async (args, env, named) => {
    const { code, stdout, stderr } = await lookalike(
      ['serve', '--check', ...args],
      env as Record<string, string>,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^lookalike: [^\n]+\n$/);
    expect(stderr).toContain(named);
  });
});

describe('lookalike health', () => {
  it('asks the gateway of the settings, on whatever address it listens', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    for (const HOST of ['127.0.0.1', '0.0.0.0']) {
      const asked = await lookalike(['health', '--ready'], { PORT: port, HOST });
      expect(asked).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('IMGCACHE') });
    }
  });

  it('ends with 1 where nothing responds, and where the address cannot be known', async () => {
    const { url: gone, child } = await serve();
    child.kill('SIGTERM');
    await once(child, 'close');
    for (const [args, named] of [
      [['health', '--url', gone], 'ECONNREFUSED'],
      [['health'], '--url'],
    ] as const) {
      const { code, stderr } = await lookalike(args, { PORT: '0' });
      expect(code).toBe(1);
      expect(stderr).toContain(named);
    }
  });
});

describe('lookalike documents', () => {
  it('writes what a gateway then lets run, and nothing else', async () => {
    mkdirSync(join(folder, 'src/[id]'), { recursive: true });
    writeFileSync(join(folder, 'src/[id]/a.graphql'), 'query A { services { ...Names } }');
    writeFileSync(join(folder, 'src/names.gql'), 'fragment Names on Service { name }');
    for (const paths of [['src'], ['src/**/*.{graphql,gql}'], ['src/[id]/a.graphql', 'src/names.gql']])
      expect(await lookalike(['documents', ...paths, '--out', 'trusted.json'])).toMatchObject({
        code: 0,
        stdout: 'Documents in trusted.json: 1.\n',
      });
    write({ trustedDocuments: 'trusted.json' });
    const { url } = await serve();
    const [[id]] = Object.entries(JSON.parse(readFileSync(join(folder, 'trusted.json'), 'utf8'))) as [
      [string, string],
    ];
    const ask = (body: object) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then((response) => response.json());
    expect(await ask({ documentId: id })).toMatchObject({ data: { services: expect.any(Array) } });
    expect(await ask({ query: '{ __typename }' })).toMatchObject({
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
    });
  });

  it('writes nothing where there is a mistake, or no document', async () => {
    writeFileSync(join(folder, 'a.graphql'), 'query A { nothing }');
    const wrong = await lookalike(['documents', 'a.graphql', '--out', 'trusted.json']);
    expect(wrong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('a.graphql:1:11: ') });
    expect(await lookalike(['documents', 'nowhere'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere'),
    });
    expect(() => readFileSync(join(folder, 'trusted.json'))).toThrow();
  });
});

describe('SIGHUP', () => {
  const status = async (url: string, key: string) =>
    (await fetch(`${url}/files/x`, { headers: { 'x-api-key': key } })).status;

  it('reads keys, origins, trusted documents and the level of the log anew', async () => {
    write({ apiKeys: [`admin:${KEY}`], logLevel: 'warn' });
    const { url, child, log } = await serve();
    expect([await status(url, KEY), await status(url, OTHER_KEY)]).toEqual([404, 401]);
    writeFileSync(join(folder, 'trusted.json'), '{"1": "query Known { services { name } }"}');
    write({
      apiKeys: [`admin:${OTHER_KEY}`],
      corsOrigins: ['https://page.example'],
      trustedDocuments: 'trusted.json',
      logLevel: 'info',
      maxCost: 7,
    });
    child.kill('SIGHUP');
    const told = await until(() => log().find(({ msg }) => msg === 'settings read anew'));
    expect(told).toMatchObject({ level: 'info', needRestart: ['LOOKALIKE_MAX_COST'] });
    expect([await status(url, KEY), await status(url, OTHER_KEY)]).toEqual([401, 404]);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': OTHER_KEY, origin: 'https://page.example' },
      body: '{"query": "{ __typename }"}',
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
    });
    await until(() => log().find(({ msg, path }) => msg === 'request' && path === '/graphql'));
  });

  it('keeps all as it is where the file cannot be used, and says so in one line', async () => {
    write({ apiKeys: [`admin:${KEY}`] });
    const { url, child, log } = await serve(['--host', '0.0.0.0']);
    const faults = [
      { apiKeys: [`admin:${OTHER_KEY}`], corsOrigins: 'nonsense' },
      { apiKeys: [`admin:${OTHER_KEY}`], trustedDocuments: 'no.json' },
      {}, // Everybody could reach it without keys.
    ];
    const refusals = () => log().filter(({ level }) => level === 'error');
    for (const [index, settings] of faults.entries()) {
      write(settings);
      child.kill('SIGHUP');
      await until(() => refusals().length > index);
    }
    expect(refusals()).toHaveLength(faults.length);
    expect(refusals().map(({ msg, err }) => [msg, err])).toEqual(
      faults.map(() => ['settings not read anew', undefined]),
    );
    expect(refusals().map(({ reason }) => reason)).toEqual([
      expect.stringContaining('lookalike.config.json: corsOrigins'),
      expect.stringContaining('lookalike.config.json: trustedDocuments'),
      expect.stringContaining('--host is beyond loopback'),
    ]);
    expect([await status(url, KEY), await status(url, OTHER_KEY)]).toEqual([404, 401]);
  });
});
