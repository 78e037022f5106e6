import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake2b } from 'hash-wasm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '#src/config.js';
import { corpusPicture } from '../../embedded/corpus.js';
import { pictureOf, writeFile, writePictures } from '../../fakes/picture-files.js';
import { startGateway, type TestGateway } from '../../harness/gateway.js';
import { runHere } from '../../harness/run-here.js';
import { storedEntries } from '../../harness/stored-entries.js';

const PREFIX = 'https://x.example/';
const MAX_BYTES = 200_000;

let folder: string;
let sources: string;
let failures: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-import-test-'));
  sources = join(folder, 'sources');
  failures = join(folder, 'failures.tsv');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Place {
  /** Where the entries are in the end. */
  dataDir: string;
  collectionId: string;
  /** What the command needs to come here. */
  args: string[];
  env: Record<string, string>;
}

/** What is asked of each of the ways that an import can go. */
function describeImport(name: string, place: () => Place): void {
  describe(`lookalike import ${name}`, () => {
    const run = (...args: string[]) => {
      const all = ['import', ...args, '--failures', failures, ...place().args];
      return runHere(all, place().env);
    };
    const entries = () => storedEntries({ kind: 'FOLDER', dataDir: place().dataDir });
    /** Those of this test. */
    const found = async (prefix: string) =>
      (await entries()).filter(({ url }) => url.startsWith(prefix)).sort((a, b) => (a.url < b.url ? -1 : 1));

    it('stores all pictures with their URLs, names and times, and sends nothing the second time', async () => {
      const prefix = `${PREFIX}${name}/a/`;
      const path = writeFile(sources, 'a b/fig.jpg', corpusPicture('photos/03-fig.jpg'));
      const args = [sources, '--url-prefix', prefix, '--client', 'me'];
      expect(await run(...args)).toEqual({
        code: 0,
        stdout: 'Stored 1, there already 0, failed 0.\n',
        stderr: expect.any(String),
      });
      const [entry, ...others] = await found(prefix);
      expect(others).toEqual([]);
      expect(entry).toMatchObject({
        url: `${prefix}a%20b/fig.jpg`,
        clientName: 'me',
        originalFilename: 'fig.jpg',
        contentType: 'image/jpeg',
        fileSizeBytes: readFileSync(path).length,
        perceptualHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      const uploads = vi.spyOn(globalThis, 'fetch');
      expect((await run(...args)).stdout).toBe('Stored 0, there already 1, failed 0.\n');
      const bodies = uploads.mock.calls.map(([, init]) => typeof init?.body);
      uploads.mockRestore();
      expect(bodies.filter((body) => body !== 'string')).toEqual([]);
    });

    it('notes each URL of the same bytes, the first file first', async () => {
      const prefix = `${PREFIX}${name}/b/`;
      for (const file of ['3.png', '1.png', '2/0.png']) writeFile(sources, file, pictureOf(1077));
      const { stdout } = await run(sources, '--url-prefix', prefix);
      expect(stdout).toBe('Stored 1, URL added 2, there already 0, failed 0.\n');
      const [entry] = await found(prefix);
      const urls = ['1.png', '2/0.png', '3.png'].map((file) => prefix + file);
      expect(entry!.origins.map(({ url }) => url)).toEqual(urls);
      expect(entry!.url).toBe(urls[0]);
    });

    it('adds to a collection, also what was stored before without', async () => {
      const { collectionId } = place();
      const prefix = `${PREFIX}${name}/c/`;
      writeFile(sources, '1.jpg', corpusPicture('photos/05-wine.jpg'));
      await run(sources, '--url-prefix', prefix);
      writeFile(sources, '2.jpg', corpusPicture('photos/04-brushes.jpg'));
      const args = [sources, '--url-prefix', prefix, '--collection', collectionId];
      expect((await run(...args)).stdout).toBe(
        'Stored 1, added to the collection 1, there already 0, failed 0.\n',
      );
      expect((await run(...args)).stdout).toBe('Stored 0, there already 2, failed 0.\n');
    });

    it('says that there is no such collection before it begins', async () => {
      writeFile(sources, '1.png', pictureOf(1001));
      const { code, stderr } = await run(sources, '--collection', 'ffffffff');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ffffffff') });
    });

    it('lists what failed, in a list that can be imported, and goes on with the rest', async () => {
      const prefix = `${PREFIX}${name}/d/`;
      writeFile(sources, 'cut.jpg', corpusPicture('photos/03-fig.jpg').subarray(0, 5000));
      writeFile(
        sources,
        'large.jpg',
        Buffer.concat([corpusPicture('photos/03-fig.jpg'), Buffer.alloc(MAX_BYTES)]),
      );
      writeFile(sources, 'readme.md', '# Pictures\n');
      writeFile(sources, 'good.png', pictureOf(1088));
      const { code, stdout, stderr } = await run(sources, '--url-prefix', prefix);
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: `Stored 1, there already 0, no picture 1, failed 2 (see ${failures}).\n`,
      });
      expect(stderr).toContain('cut.jpg: The image is cut off');
      const lines = readFileSync(failures, 'utf8').split('\n');
      expect(lines[0]).toMatch(/^#url\tfile\t/);
      expect(lines.slice(1, 3).sort()).toEqual([
        expect.stringMatching(/d\/cut\.jpg\t.*cut off or damaged/),
        expect.stringMatching(/d\/large\.jpg\t.*larger than|d\/large\.jpg\t.*bytes/),
      ]);
      writeFile(sources, 'cut.jpg', pictureOf(1089));
      expect((await run(failures)).stdout).toContain('Stored 1, there already 0, failed 1');
      expect(readFileSync(failures, 'utf8').split('\n')).toHaveLength(3);
      writeFile(sources, 'large.jpg', pictureOf(1090));
      expect((await run(failures)).stdout).toContain('Stored 1, there already 0, failed 0');
      expect(existsSync(failures)).toBe(false);
      expect((await found(prefix)).map(({ url }) => url.slice(prefix.length))).toEqual([
        'cut.jpg',
        'good.png',
        'large.jpg',
      ]);
    });

    it('does nothing in a dry run, and says what it would do', async () => {
      const before = await entries();
      writeFile(sources, '1.png', pictureOf(1201));
      writeFile(sources, '2.png', pictureOf(1201));
      writeFile(sources, '3.png', pictureOf(1202));
      const { stdout, code } = await run(sources, '--dry-run');
      expect({ stdout, code }).toEqual({
        stdout: 'Nothing was done. It would be: stored 2, URL added 1, there already 0, failed 0.\n',
        code: 0,
      });
      expect(await entries()).toEqual(before);
    });

    it('takes a list with a URL for each file, and says all in JSON', async () => {
      const file = writeFile(sources, 'x.png', pictureOf(1301));
      const url = `${PREFIX}${name}/e?id=1`;
      const list = writeFile(folder, 'list.tsv', `${url}\tsources/x.png\n${url}2\tsources/lost.png\n`);
      const { code, stdout } = await run(list, '--json');
      expect(code).toBe(1);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toHaveLength(3);
      expect(lines).toContainEqual({
        url,
        file,
        contentHash: await blake2b(pictureOf(1301), 256),
        outcome: 'STORED',
      });
      expect(lines).toContainEqual({
        url: `${url}2`,
        file: join(sources, 'lost.png'),
        contentHash: null,
        outcome: 'FAILED',
        problem: expect.stringContaining('no such file'),
      });
      expect(lines[2]).toMatchObject({ summary: { STORED: 1, FAILED: 1, THERE: 0 }, interrupted: false });
    });

    it('fetches URLs when it is told to, and nothing a second time', async () => {
      const served = await startGateway();
      const stored = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ... on StoreEntrySuccess { entry { fileUrl } } } }`;
      const input = { url: 'u', clientName: 'c', image: { base64: pictureOf(1401).toString('base64') } };
      const { data } = await served.graphql(stored, { input });
      const url = data.storeEntry.entry.fileUrl as string;
      const list = writeFile(folder, 'urls.txt', `${url}\n`);
      expect((await run(list)).stdout).toContain('failed 1');
      expect(readFileSync(failures, 'utf8')).toContain('--fetch');
      expect((await run(list, '--fetch')).stdout).toContain('failed 1');
      expect(readFileSync(failures, 'utf8')).toContain('--allow-private');
      expect((await run(list, '--fetch', '--allow-private')).stdout).toBe(
        'Stored 1, there already 0, failed 0.\n',
      );
      const { collectionId } = place();
      const member = [url, '--fetch', '--allow-private', '--collection', collectionId];
      expect((await run(...member)).stdout).toBe(
        'Stored 0, added to the collection 1, there already 0, failed 0.\n',
      );
      await served.close();
      expect((await run(...member)).stdout).toBe('Stored 0, there already 1, failed 0.\n');
      expect((await run(url, '--fetch')).stdout).toBe('Stored 0, there already 1, failed 0.\n');
    });

    it('brings in many at once', async () => {
      const prefix = `${PREFIX}${name}/many/`;
      writePictures(sources, 120);
      const { stdout } = await run(sources, '--url-prefix', prefix, '--concurrency', '8');
      expect(stdout).toBe('Stored 108, URL added 12, there already 0, failed 0.\n');
      const urls = (await entries()).flatMap(({ origins }) => origins.map(({ url }) => url));
      expect(urls.filter((url) => url.startsWith(prefix))).toHaveLength(120);
    });
  });
}

let direct: Place;
let byGateway: Place;
let gateway: TestGateway;
beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lookalike-import-direct-'));
  const first = await startGateway({ dataDir });
  const ask = async ({ graphql }: TestGateway): Promise<string> =>
    (await graphql('{ collections { nodes { collectionId } } }')).data.collections.nodes[0].collectionId;
  direct = {
    dataDir,
    collectionId: await ask(first),
    args: [],
    env: { LOOKALIKE_DATA_DIR: dataDir, LOOKALIKE_MAX_UPLOAD_BYTES: String(MAX_BYTES) },
  };
  await first.stop();
  gateway = await startGateway({ maxUploadBytes: MAX_BYTES });
  byGateway = {
    dataDir: gateway.dataDir,
    collectionId: await ask(gateway),
    args: ['--server', gateway.url],
    env: { LOOKALIKE_DATA_DIR: join(dataDir, 'none') },
  };
});
afterAll(async () => {
  await gateway.close();
  rmSync(direct.dataDir, { recursive: true });
});

describeImport('straight into the store', () => direct);
describeImport('into a running gateway', () => byGateway);

describe('lookalike import', () => {
  it('goes through the gateway that has the data folder', async () => {
    writeFile(sources, '1.png', pictureOf(1501));
    const port = new URL(gateway.url).port;
    const env = { LOOKALIKE_DATA_DIR: gateway.dataDir, PORT: port };
    const { code, stderr } = await runHere(['import', sources, '--failures', failures], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`127.0.0.1:${port}`) });
  });

  it('tells of a wrong key, and of an address where no gateway is', async () => {
    const key = 'k'.repeat(32);
    const guarded = await startGateway({
      apiKeys: loadConfig({ LOOKALIKE_API_KEYS: `write:${key}` }).apiKeys!,
    });
    writeFile(sources, '1.png', pictureOf(1001));
    const run = (...args: string[]) => runHere(['import', sources, '--failures', failures, ...args], {});
    const to = ['--server', guarded.url];
    expect(await run(...to, '--key', 'wrong')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refuses'),
    });
    expect(await run(...to, '--key', key)).toMatchObject({ code: 0 });
    const byVariable = (value: string, ...more: string[]) =>
      runHere(['import', sources, '--failures', failures, ...to, ...more], { LOOKALIKE_KEY: value });
    const done = await byVariable(key);
    expect(done.code).toBe(0);
    expect(done.stderr).not.toContain('warning');
    expect(await byVariable('wrong')).toMatchObject({ code: 1, stderr: expect.stringContaining('refuses') });
    expect(await byVariable('wrong', '--key', key)).toMatchObject({ code: 0 });
    await guarded.close();
    expect(await run(...to)).toMatchObject({ code: 1, stderr: expect.stringContaining('No response') });
  });

  const wrong: [args: string[], named: string][] = [
    [[], 'SOURCE'],
    [['a', '--imgcache', 'b'], '--imgcache'],
    [['--imgcache', 'b', '--server', 'http://x'], '--server'],
    [['--imgcache', 'b', '--watch'], '--watch'],
    [['--imgcache', 'b', '--url-prefix', 'x'], '--url-prefix'],
    [['a', '--concurrency', '0'], '1 to 64'],
    [['a', '--concurrency', 'many'], '1 to 64'],
    [['a', '--client', ''], '--client'],
    [['a', '--allow-private'], '--fetch'],
    [['https://x.example/a.jpg'], '--fetch'],
    [['a', '--server', 'x'], '--server'],
    [['a', '--watch', '--dry-run'], '--watch'],
    [['-', '--watch'], 'standard input'],
    [['a', '--colection', 'b'], '--collection'],
  ];
  it.each(wrong)('%j is a mistake in the words', async (args, named) => {
    const { code, stdout, stderr } = await runHere(['import', ...args], direct.env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^lookalike: [^\n]*\n$/);
    expect(stderr).toContain(named);
  });

  it.each([
    [['nothing-there'], 'nothing-there'],
    [['--imgcache', 'nothing-there'], 'nothing-there'],
    [['--imgcache', '.'], 'imgcache.db'],
  ])('%j cannot be imported', async (args, named) => {
    expect(await runHere(['import', ...args], direct.env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(named),
    });
  });

  it('imports nothing of a list with a mistake', async () => {
    const before = await storedEntries({ kind: 'FOLDER', dataDir: direct.dataDir });
    writeFile(sources, '1.png', pictureOf(1601));
    const list = writeFile(folder, 'list.tsv', 'https://x.example/1\tsources/1.png\n\tsources/1.png\n');
    const { code, stderr } = await runHere(['import', list, '--failures', failures], direct.env);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('line 2') });
    expect(await storedEntries({ kind: 'FOLDER', dataDir: direct.dataDir })).toEqual(before);
  });
});
