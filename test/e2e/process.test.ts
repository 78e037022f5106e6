import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { golden, multipart, picture } from '../harness/gateway.js';
import { until } from '../harness/patience.js';
import { stagedFiles } from '../harness/staged-files.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on StoreEntrySuccess { entry { contentHash } } } }';

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-process-'));
  mkdirSync(join(folder, 'spool'));
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  child: ChildProcess;
  output(): { stdout: string; stderr: string };
  exited: Promise<number | null>;
}

function run(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', TMPDIR: join(folder, 'spool'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk) => (output.stdout += chunk));
  child.stderr!.on('data', (chunk) => (output.stderr += chunk));
  return {
    child,
    output: () => output,
    exited: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Starts a gateway and waits for its address. */
async function serve(env: Record<string, string> = {}): Promise<Run & { url: string }> {
  const started = run(['serve'], env);
  const url = await until(
    () => /ready: (\S+)\/graphql/.exec(started.output().stdout)?.[1],
    () => `The gateway did not start: ${started.output().stderr}`,
  );
  return { ...started, url };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'close');
}

async function store(url: string, name: string): Promise<void> {
  const input = { url: `https://x.example/${name}`, clientName: 'test', image: { upload: null } };
  const body = multipart(STORE, { input }, { 'input.image.upload': picture(name) });
  const headers = { 'apollo-require-preflight': '1' };
  const answer = await (await fetch(`${url}/graphql`, { method: 'POST', body, headers })).json();
  expect(answer).toMatchObject({ data: { storeEntry: { __typename: 'StoreEntrySuccess' } } });
}

describe('a gateway', () => {
  it('keeps what it acknowledged over a restart and over kill -9', async () => {
    const first = await serve();
    await store(first.url, 'photos/03-fig.jpg');
    await kill(first.child, 'SIGTERM');
    expect(await first.exited).toBe(0);
    const second = await serve();
    await store(second.url, 'photos/04-brushes.jpg');
    await kill(second.child, 'SIGKILL');
    const third = await serve();
    for (const name of ['photos/03-fig.jpg', 'photos/04-brushes.jpg']) {
      const response = await fetch(`${third.url}/files/${golden(name).blake2b256}`);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(picture(name));
    }
  });

  it('leaves the uploads of another one alone that shares its data folder', async () => {
    const { url: services } = await serve({ LOOKALIKE_DATA_DIR: join(folder, 'services') });
    const env = {
      IMGCACHE_URL: `${services}/imgcache`,
      VISUALSNOOP_URL: `${services}/visualsnoop`,
      VISUALSNOOP_KEYS: 'public:secret',
    };
    const first = await serve(env);
    const whole = picture('photos/03-fig.jpg');
    const form = (name: string, more: string) =>
      `--X\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const variables = { input: { url: 'https://x.example/', clientName: 'c', image: { upload: null } } };
    const upload = request(`${first.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=X', 'apollo-require-preflight': '1' },
    });
    const response = once(upload, 'response') as Promise<[IncomingMessage]>;
    upload.write(
      `${form('operations', '')}${JSON.stringify({ query: STORE, variables })}\r\n` +
        `${form('map', '')}{"0":["variables.input.image.upload"]}\r\n${form('0', '; filename="a"')}`,
    );
    upload.write(whole.subarray(0, -10));
    const staged = () => stagedFiles(join(folder, 'data'));
    await until(() => staged().length > 0);
    const second = await serve(env);
    expect(staged()).toHaveLength(1);
    upload.write(whole.subarray(-10));
    upload.end('\r\n--X--\r\n');
    const [stored] = await response;
    expect(await json(stored)).toMatchObject({
      data: { storeEntry: { entry: { contentHash: golden('photos/03-fig.jpg').blake2b256 } } },
    });
    await store(second.url, 'photos/04-brushes.jpg');
    await kill(second.child, 'SIGTERM');
    await store(first.url, 'photos/04-brushes.jpg');
  });

  it('sweeps at the start what an interrupted upload left, and nothing else', async () => {
    const first = await serve();
    await store(first.url, 'photos/03-fig.jpg');
    const { hostname, port } = new URL(first.url);
    const socket = connect(Number(port), hostname);
    const parts = [
      [
        'operations',
        JSON.stringify({
          query: STORE,
          variables: { input: { url: 'u', clientName: 'c', image: { upload: null } } },
        }),
      ],
      ['map', '{"0":["variables.input.image.upload"]}'],
    ].map(([name, content]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`);
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=X\r\napollo-require-preflight: 1\r\nContent-Length: 900000\r\n\r\n${parts.join('')}--X\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\n${'x'.repeat(300_000)}`,
    );
    socket.on('error', () => {});
    const incoming = () => stagedFiles(join(folder, 'data'));
    await until(() => incoming().length > 0);
    expect(incoming()).toHaveLength(1);
    await kill(first.child, 'SIGKILL');
    expect(incoming()).toHaveLength(1);
    const spool = join(folder, 'spool');
    writeFileSync(join(spool, 'of-somebody-else.tmp'), '');
    writeFileSync(join(folder, 'data', 'mine.txt'), '');

    const second = await serve();
    expect(incoming()).toEqual([]);
    expect(readdirSync(spool)).toEqual(['of-somebody-else.tmp']);
    expect(existsSync(join(folder, 'data', 'mine.txt'))).toBe(true);
    expect((await fetch(`${second.url}/files/${golden('photos/03-fig.jpg').blake2b256}`)).status).toBe(200);
  });

  it('finishes a request in flight when it is told to stop', async () => {
    const gateway = await serve();
    const stored = store(gateway.url, 'photos/13-sunset.jpg');
    await sleep(5);
    gateway.child.kill('SIGTERM');
    await stored;
    expect(await gateway.exited).toBe(0);
  });

  it('does not share its data folder', async () => {
    await serve();
    const second = run(['serve']);
    expect(await second.exited).toBe(1);
    expect(second.output().stderr).toMatch(/^lookalike: LOOKALIKE_DATA_DIR[^\n]*in use[^\n]*\n$/);
  });

  it('reads lookalike.config.json from where it is started', async () => {
    writeFileSync(join(folder, 'lookalike.config.json'), '{"dataDir": "elsewhere"}');
    await serve();
    expect(existsSync(join(folder, 'elsewhere', 'lookalike.db'))).toBe(true);
  });
});

describe('a wrong start', () => {
  const cases: [
    behaviour: string,
    args: string[],
    env: Record<string, string>,
    named: string,
    code: number,
  ][] = [
    ['by a bad port', ['serve'], { PORT: 'x' }, 'PORT', 1],
    [
      'by a data folder that cannot be',
      ['serve'],
      { LOOKALIKE_DATA_DIR: '/proc/lookalike' },
      'LOOKALIKE_DATA_DIR',
      1,
    ],
    [
      'by a host that is not here',
      ['serve'],
      { HOST: '192.0.2.1', LOOKALIKE_API_KEYS: 'read:secret-of-the-test' },
      'HOST',
      1,
    ],
    [
      'by a database that is not supported',
      ['serve'],
      { DATABASE_URL: 'postgres://u:secret@h/d' },
      'DATABASE_URL',
      1,
    ],
    ['by an address of everybody without keys', ['serve'], { HOST: '0.0.0.0' }, 'LOOKALIKE_API_KEYS', 1],
    ['by an address of the network without keys', [], { HOST: '192.0.2.1' }, 'LOOKALIKE_API_KEYS', 1],
    ['by a name without keys', ['serve'], { HOST: 'gateway.example' }, 'LOOKALIKE_INSECURE=1', 1],
    ['by a short key', ['serve'], { LOOKALIKE_API_KEYS: 'read:secret' }, 'LOOKALIKE_API_KEYS', 1],
    ['by an unknown command', ['sevre'], {}, 'sevre', 2],
    ['by an unknown option', ['serve', '--prot', '1'], {}, '--prot', 2],
    ['by an argument too many', ['serve', 'now'], {}, 'now', 2],
    ['by an unknown action on keys', ['keys', 'lose'], {}, 'lose', 2],
    ['by a key without a scope', ['keys', 'create'], {}, '--scope', 2],
    ['by a missing config file', ['serve', '--config', 'no.json'], {}, 'no.json', 1],
  ];
  for (const [behaviour, args, env, named, code] of cases) {
    it(`${behaviour} ends with one line that names it`, async () => {
      const { output, exited } = run(args, env);
      expect(await exited).toBe(code);
      expect(output().stderr).toMatch(/^lookalike: [^\n]*\n$/);
      expect(output().stderr).toContain(named);
      expect(output().stderr).not.toContain('secret');
    });
  }

  it('on a port that is taken ends with one line that names it', async () => {
    const { url } = await serve();
    const { output, exited } = run(['serve'], { PORT: new URL(url).port, LOOKALIKE_DATA_DIR: 'other' });
    expect(await exited).toBe(1);
    expect(output().stderr).toMatch(/^lookalike: PORT [^\n]*\n$/);
  });

  it.each([['serve'], ['reindex'], ['collections', 'list']])(
    'on tables of a newer version, or damaged ones, ends with one line: %s',
    async (...args) => {
      const { child, exited: stopped } = await serve();
      await kill(child, 'SIGTERM');
      await stopped;
      const path = join(folder, 'data', 'lookalike.db');
      const database = new Database(path);
      database.exec("insert into kysely_migration values ('9999_later', '2100-01-01')");
      database.close();
      expect(await refusal(args)).toMatch(/^lookalike: LOOKALIKE_DATA_DIR: [^\n]* newer version [^\n]*\n$/);
      for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
      writeFileSync(path, 'x'.repeat(8192));
      expect(await refusal(args)).toMatch(/^lookalike: LOOKALIKE_DATA_DIR: [^\n]* damaged[^\n]*\n$/);
    },
  );
});

async function refusal(args: string[]): Promise<string> {
  const { output, exited } = run(args);
  expect(await exited).toBe(1);
  return output().stderr;
}

it('beyond loopback without keys stops the start with a last line that names HOST and what to set', async () => {
  const { output, exited } = run(['serve'], { HOST: '0.0.0.0' });
  expect(await exited).toBe(1);
  expect(output()).toEqual({
    stdout: '',
    stderr: expect.stringMatching(/^[^\n]*HOST[^\n]*LOOKALIKE_API_KEYS[^\n]*\n$/),
  });
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('beyond loopback serves with keys, and without when that is asked for', async () => {
  const key = 'admin-key-of-the-test';
  const status = async (env: Record<string, string>, headers: Record<string, string> = {}) => {
    const gateway = await serve({ HOST: '0.0.0.0', ...env });
    const response = await fetch(`${gateway.url}/files/x`, { headers });
    await kill(gateway.child, 'SIGTERM');
    return response.status;
  };
  const keys = { LOOKALIKE_API_KEYS: `admin:${key}` };
  expect(await status(keys)).toBe(401);
  expect(await status(keys, { 'x-api-key': key })).toBe(404);
  expect(await status({ ...keys, LOOKALIKE_INSECURE: '1' })).toBe(401);
  expect(await status({ LOOKALIKE_INSECURE: '1' })).toBe(404);
});

it('keys create makes a key whose hash the config file takes', async () => {
  const options = ['--scope', 'write', '--name', 'scraper', '--collections', 'a, b', '--json'];
  const { output, exited } = run(['keys', 'create', ...options]);
  expect(await exited).toBe(0);
  const { key, apiKey } = JSON.parse(output().stdout);
  expect(apiKey).toMatchObject({ scope: 'write', name: 'scraper', collections: ['a', 'b'] });
  expect(JSON.stringify(apiKey)).not.toContain(key);
  writeFileSync(join(folder, 'lookalike.config.json'), JSON.stringify({ apiKeys: [apiKey] }));
  const gateway = await serve();
  const askWith = async (headers: Record<string, string>) =>
    (await fetch(`${gateway.url}/imgcache/images/x`, { headers })).status;
  expect([await askWith({}), await askWith({ authorization: `Bearer ${key}` })]).toEqual([401, 404]);
  await kill(gateway.child, 'SIGTERM');
  expect(Object.values(gateway.output()).join()).not.toContain(key);
});

it('keys create tells people the same', async () => {
  const { output, exited } = run(['keys', 'create', '--scope', 'read']);
  expect(await exited).toBe(0);
  const [, key, entry] = /: (lookalike_\S+)\n.*\n {2}(\{.*\})\n$/s.exec(output().stdout) ?? [];
  expect(JSON.parse(entry!)).toEqual({ scope: 'read', hash: expect.stringMatching(/^sha256:/) });
  expect(entry).not.toContain(key);
});

it('each command says what it takes', async () => {
  for (const command of ['serve', 'schema', 'keys']) {
    const { output, exited } = run([command, '--help']);
    expect(await exited).toBe(0);
    expect(output().stdout).toContain(`Usage: lookalike ${command}`);
  }
});

it('schema prints the graph, or writes it to a file', async () => {
  const printed = run(['schema']);
  expect(await printed.exited).toBe(0);
  expect(await run(['schema', '--out', 'out.graphql']).exited).toBe(0);
  expect(printed.output().stdout).toContain('type Query');
  expect(readFileSync(join(folder, 'out.graphql'), 'utf8')).toBe(printed.output().stdout);
});

it('--help says what there is', async () => {
  const { output, exited } = run(['--help']);
  expect(await exited).toBe(0);
  expect(output().stdout).toContain('serve');
});
