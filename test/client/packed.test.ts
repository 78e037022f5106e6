import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../browser/chromium.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { packAndInstall } from '../harness/packed.js';
import { PATIENCE_MS } from '../harness/patience.js';

const PICTURE = 'photos/03-fig.jpg';
const installed = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const run = promisify(execFile);

/** An empty project that installs the packed client. */
let project: string;
let gateway: TestGateway;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'lookalike-stranger-'));
  await packAndInstall('./packages/client', project);
  cpSync(fileURLToPath(new URL('stranger/', import.meta.url)), project, { recursive: true });
  mkdirSync(join(project, 'node_modules/@types'));
  symlinkSync(installed('@types/node'), join(project, 'node_modules/@types/node'));
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway?.close();
  rmSync(project, { recursive: true, force: true });
});

interface Compilation {
  files: string[];
  lib: string[];
  types: string[];
}

/** Compiles as strictly as a project can be. Resolves to what the compiler says. */
async function compile({ files, lib, types }: Compilation): Promise<string> {
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    lib,
    types,
    outDir: 'built',
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = join(installed('typescript'), 'bin/tsc');
  return run(process.execPath, [compiler, '-p', '.'], { cwd: project }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

const expectedTour = {
  contentHash: golden(PICTURE).blake2b256,
  imageStatus: 'ADDED',
  found: [golden(PICTURE).blake2b256],
  refused: 'BAD_USER_INPUT',
};

describe('the packed client in a project of a stranger', () => {
  it('depends on nothing, and brings the schema, the operations and the licence', () => {
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !/^[.@]/.test(name))).toEqual([
      'lookalike-client',
    ]);
    const files = readdirSync(join(project, 'node_modules/lookalike-client'), { recursive: true });
    for (const file of ['README.md', 'LICENSE', 'schema/schema.graphql', 'schema/operations/similar.graphql'])
      expect(files).toContain(file);
    expect(files.filter((file) => String(file).includes('tsbuildinfo'))).toEqual([]);
  });

  it('compiles where there are the types of browsers', async () => {
    expect(await compile({ files: ['browser.ts', 'bare.ts'], lib: ['ES2022', 'DOM'], types: [] })).toBe('');
  });

  it('compiles where there are no types of a platform', async () => {
    expect(await compile({ files: ['bare.ts'], lib: ['ES2022'], types: [] })).toBe('');
  });

  it('compiles and runs in Node', async () => {
    expect(await compile({ files: ['node.ts'], lib: ['ES2022'], types: ['node'] })).toBe('');
    const file = fileURLToPath(new URL(`../fixtures/corpus/${PICTURE}`, import.meta.url));
    const { stdout } = await run(process.execPath, ['built/node.js', `${gateway.url}/graphql`, file], {
      cwd: project,
    });
    expect(JSON.parse(stdout)).toEqual([expectedTour, expectedTour]);
  });

  it.each(['README.md', 'packages/client/README.md', 'docs/clients.md'])(
    'compiles what %s shows',
    async (page) => {
      const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
      const shown = [...text.matchAll(/^```ts\n(import \{ createClient[\s\S]*?)^```$/gm)];
      expect(shown).toHaveLength(1);
      writeFileSync(join(project, 'shown.ts'), shown[0]![1]!);
      expect(await compile({ files: ['shown.ts'], lib: ['ES2022', 'DOM'], types: [] })).toBe('');
    },
  );

  const mistakes = {
    'a field that is not there': `
      const result = await client.deleteEntry({ contentHash: '' });
      if (result.__typename === 'DeleteEntrySuccess') result.colour;`,
    'a field of another member of a union': `
      const result = await client.deleteEntry({ contentHash: '' });
      result.contentHash;`,
    'a field that may be null': `
      const result = await client.entry({ contentHash: '' });
      result.contentHash;`,
    'an input that is not complete': `await client.storeEntry({ image: { base64: '' }, clientName: 'c' });`,
    'two of what must be one': `await client.similar({ to: { contentHash: '', perceptualHash: '' } });`,
    'a variable that is not there': `await client.request(SimilarDocument, { to: { contentHash: '' }, last: 3 });`,
    'a request without its variables': 'await client.request(SimilarDocument);',
  };
  it(`does not compile ${Object.keys(mistakes).join(', or ')}`, async () => {
    const head = `import { createClient, SimilarDocument } from 'lookalike-client';\nconst client = createClient({ url: '' });\n`;
    const files = Object.values(mistakes).map((code, index) => {
      const file = `mistake-${index}.ts`;
      writeFileSync(join(project, file), `${head}export const used = SimilarDocument;\n${code}`);
      return file;
    });
    const complaints = await compile({ files, lib: ['ES2022', 'DOM'], types: [] });
    expect([...complaints.matchAll(/^mistake-\d+\.ts/gm)].map(([file]) => file)).toEqual(files);
  });

  it.skipIf(!hasChromium)('runs in Chromium, bundled', async () => {
    await build({
      root: project,
      logLevel: 'error',
      build: {
        outDir: 'bundle',
        lib: { entry: 'browser.ts', formats: ['iife'], name: 'stranger', fileName: 'app' },
      },
    });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${gateway.url}/health`);
      await page.addScriptTag({ path: join(project, 'bundle/app.iife.js') });
      const tours = await page.evaluate(
        ([url, bytes]) => (globalThis as unknown as Bundle).stranger.run(url, bytes),
        [`${gateway.url}/graphql`, [...picture(PICTURE)]] as const,
      );
      expect(tours).toEqual([expectedTour, expectedTour]);
    } finally {
      await browser.close();
    }
  });
});

/** What the bundled program puts into the page. */
interface Bundle {
  stranger: { run(url: string, picture: readonly number[]): Promise<unknown> };
}
