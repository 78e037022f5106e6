import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '#src/services/visualsnoop-signature.js';
import { configFile } from '../harness/config-file.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
let dataDir: string;
let gateway: TestGateway;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'lookalike-commands-'));
  gateway = await startGateway({ dataDir });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

async function lookalike(...args: string[]): Promise<Result> {
  // What a config file says of the folder counts only where the environment does not.
  const folder = args.includes('--config') ? {} : { LOOKALIKE_DATA_DIR: dataDir };
  const env = { PATH: process.env.PATH, ...folder };
  return promisify(execFile)(process.execPath, [BIN, ...args], { env }).then(
    (done) => ({ code: 0, ...done }),
    (error: Result) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

async function json(...args: string[]): Promise<Record<string, string>[]> {
  const { code, stdout } = await lookalike(...args, '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** Asks the gateway for the collection as the original client does, at its start. */
async function session(publicKey: string, secretKey: string) {
  const path = '/visualsnoop/api/v1/collection';
  const date = new Date().toUTCString();
  const authorization = `VSHMAC ${publicKey}:${sign({ method: 'GET', path, date }, secretKey)}`;
  const response = await fetch(`${gateway.url}${path}?session=init`, { headers: { date, authorization } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('lookalike collections, beside a gateway that runs', () => {
  it('lists the collection of the first start', async () => {
    const [first, ...more] = await json('collections', 'list');
    expect(first).toMatchObject({ name: 'default', collectionId: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(more).toEqual([]);
    const { stdout } = await lookalike('collections', 'list');
    expect(stdout).toMatch(/^collectionId +name +user\n[0-9a-f]{8} +default\n$/);
  });

  it('makes one, whose keys the gateway knows at once', async () => {
    const [made] = await json('collections', 'create', 'holidays', '--user', 'me@x.example');
    expect(made).toMatchObject({
      name: 'holidays',
      user: 'me@x.example',
      publicKey: expect.stringMatching(/^[0-9a-f]{20}$/),
      secretKey: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    });
    const { status, body } = await session(made!.publicKey!, made!.secretKey!);
    expect({ status, ...body }).toMatchObject({
      status: 200,
      collection_id: made!.collectionId,
      collection_name: 'holidays',
      user: 'me@x.example',
    });
  });

  it('shows keys, and makes new ones that replace them', async () => {
    const [{ collectionId } = {}] = await json('collections', 'list');
    const [before] = await json('collections', 'keys', collectionId!);
    const [after] = await json('collections', 'keys', collectionId!, '--rotate');
    expect(after!.secretKey).not.toBe(before!.secretKey);
    expect(await json('collections', 'keys', collectionId!)).toEqual([after]);
    expect((await session(before!.publicKey!, before!.secretKey!)).status).toBe(401);
    expect((await session(after!.publicKey!, after!.secretKey!)).status).toBe(200);
  });

  it('renames one', async () => {
    const [made] = await json('collections', 'create', 'old', '--user', 'me@x.example');
    const { collectionId } = made!;
    const renamed = { collectionId, name: 'new', user: 'me@x.example' };
    expect(await json('collections', 'rename', collectionId!, 'new')).toEqual([renamed]);
    expect(await json('collections', 'list')).toContainEqual(renamed);
  });

  it('deletes one with its images, when its name is given', async () => {
    const [made] = await json('collections', 'create', 'short-lived');
    const { collectionId, publicKey, secretKey } = made!;
    const query = 'mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }';
    const file = { 'input.image.upload': picture('photos/03-fig.jpg') };
    const input = { collectionId, imageId: 'fig', image: { upload: null } };
    await gateway.upload(query, { input }, file);
    const remove = (name: string) => lookalike('collections', 'delete', collectionId!, '--confirm', name);
    expect(await remove('other')).toMatchObject({ code: 1, stderr: expect.stringContaining('--confirm') });
    expect((await session(publicKey!, secretKey!)).status).toBe(200);
    expect(await remove('short-lived')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await session(publicKey!, secretKey!)).status).toBe(401);
    const { data } = await gateway.graphql(
      `{ image(collectionId: "${collectionId}", imageId: "fig") { imageId } }`,
    );
    expect(data.image).toBeNull();
    expect(await remove('short-lived')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(collectionId!),
    });
  });

  const wrong: [args: string[], code: number, named: string][] = [
    [['collections'], 2, 'list, create, keys, rename or delete'],
    [['collections', 'destroy'], 2, 'list, create, keys, rename or delete'],
    [['collections', 'create'], 2, 'NAME'],
    [['collections', 'list', 'all'], 2, 'all'],
    [['collections', 'keys'], 2, 'ID'],
    [['collections', 'keys', 'ffffffff'], 1, 'ffffffff'],
    [['collections', 'keys', 'ffffffff', '--rotate'], 1, 'ffffffff'],
    [['collections', 'rename', 'ffffffff'], 2, 'NAME'],
    [['collections', 'rename', 'ffffffff', 'x'], 1, 'ffffffff'],
    [['collections', 'delete', 'ffffffff'], 2, '--confirm <NAME>'],
    [['collections', 'delete', 'ffffffff', '--confirm', 'x'], 1, 'ffffffff'],
    [['collections', 'list', '--jason'], 2, '--jason'],
    [['reindex'], 1, 'in use'],
    [['check', '--repair'], 1, 'in use'],
    [['check', '--fast'], 2, '--fast'],
    [['migrate'], 2, '--to'],
    [['migrate', '--to', 'postgres://x/y'], 2, '--blobs'],
    [['check', 'blobs'], 2, 'blobs'],
  ];
  it.each(wrong)('%j ends with one line', async (args, code, named) => {
    const result = await lookalike(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(/^lookalike: [^\n]*\n$/);
    expect(result.stderr).toContain(named);
  });

  it.each(['serve', 'collections', 'reindex', 'check', 'migrate', 'keys', 'schema'])(
    '%s --help says what it does',
    async (command) => {
      const { code, stdout } = await lookalike(command, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: lookalike ${command}`));
    },
  );
});

it('lookalike reindex describes anew what another version described, when no gateway has the folder', async () => {
  const [{ collectionId } = {}] = await json('collections', 'list');
  const query = 'mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }';
  const input = { collectionId, imageId: 'fig', image: { upload: null } };
  const added = await gateway.upload(
    query,
    { input },
    { 'input.image.upload': picture('photos/03-fig.jpg') },
  );
  expect(added.data.addImage.__typename).toBe('AddImageSuccess');
  await gateway.stop();
  const { default: Database } = await import('libsql');
  const database = new Database(join(dataDir, 'lookalike.db'));
  database.exec('update images set descriptor_version = 0');
  database.close();

  const child = spawn(process.execPath, [BIN, 'reindex', '--json'], {
    env: { PATH: process.env.PATH, LOOKALIKE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  expect({ code, ...JSON.parse(text) }).toEqual({ code: 0, done: 1, total: 1, failed: 0 });
  expect(JSON.parse((await lookalike('reindex', '--json')).stdout)).toMatchObject({ total: 0 });
  gateway = await startGateway({ dataDir });
});

describe('lookalike check', () => {
  const figFile = () => {
    const { blake2b256: hash } = golden('photos/03-fig.jpg');
    return join(dataDir, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);
  };

  it('looks at a folder while a gateway has it, and says that all is well', async () => {
    expect(await lookalike('check')).toEqual({
      code: 0,
      stdout: 'Everything is as it should be.\n',
      stderr: '',
    });
    expect(await lookalike('check', '--json')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('tells what is wrong and how it would be repaired, and exits with 1', async () => {
    rmSync(figFile());
    const { code, stdout } = await lookalike('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^lost-bytes: [^\n]+ lost\.\n {2}To repair: [^\n]+\nFindings: 1\. lookalike check --repair repairs them\.\n$/,
    );
    const json = await lookalike('check', '--quick', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'lost-bytes', problem: expect.any(String) });
  });

  it('repairs it when no gateway has the folder, and finds nothing then', async () => {
    await gateway.stop();
    const repaired = await lookalike('check', '--repair');
    expect(repaired).toMatchObject({ code: 0, stderr: '' });
    expect(repaired.stdout).toMatch(/Repaired: [^\n]+\nFindings: 1, repaired: 1\.\n$/);
    expect(await lookalike('check', '--repair')).toMatchObject({
      code: 0,
      stdout: 'Everything is as it should be.\n',
    });
    gateway = await startGateway({ dataDir });
    const answer = await gateway.graphql('{ collections { nodes { images { nodes { imageId } } } } }');
    expect(JSON.stringify(answer.data)).not.toContain('fig');
  });

  it('leaves a folder of a newer version alone', async () => {
    await gateway.stop();
    const { default: Database } = await import('libsql');
    const database = new Database(join(dataDir, 'lookalike.db'));
    database.exec("insert into kysely_migration values ('9999_later', '2100-01-01')");
    expect(await lookalike('check')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'lookalike: LOOKALIKE_DATA_DIR: The data folder was written by a newer version of lookalike.\n',
    });
    database.exec("delete from kysely_migration where name = '9999_later'");
    database.close();
    gateway = await startGateway({ dataDir });
  });
});

it.each(['check', 'reindex', 'collections list'])(
  'lookalike %s needs a folder with a database',
  async (command) => {
    const config = configFile('{"dataDir": "/nowhere"}');
    const { code, stderr } = await lookalike(...command.split(' '), '--config', config);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lookalike: \S+settings\.json: dataDir \/nowhere has no database: [^\n]+\.\n$/);
  },
);

it('ends without a word when nobody reads its output any more', async () => {
  const child = spawn('sh', ['-c', '"$0" "$1" schema | head -n 1', process.execPath, BIN], {
    env: { PATH: process.env.PATH },
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdout.resume();
  await once(child, 'close');
  expect(Buffer.concat(errors).toString()).toBe('');
});
