import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { scrape } from '../harness/exposition.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { isLong, titleOfLong } from '../harness/repetitions.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'examples');

let folder: string;
let gateway: TestGateway;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-examples-'));
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
  // All packages that the gateway needs lie in there.
});

it('examples/lookalike.config.json is one that a gateway takes', () => {
  const config = loadConfig({}, join(examples, 'lookalike.config.json'));
  expect(config).toMatchObject({ port: 4000, corsOrigins: expect.any(Array), apiKeys: [{ scope: 'read' }] });
  const { $schema } = JSON.parse(readFileSync(join(examples, 'lookalike.config.json'), 'utf8'));
  expect(existsSync(join(examples, $schema))).toBe(true);
});

it('examples/lookalike.service starts, checks and reloads by options and signals that there are', async () => {
  const unit = readFileSync(join(examples, 'lookalike.service'), 'utf8');
  for (const line of unit.split('\n').filter((each) => each !== '' && !each.startsWith('#')))
    expect(line).toMatch(/^(\[[A-Z][a-z]+\]|[A-Z]\w+=.+)$/);
  const commands = [...unit.matchAll(/^ExecStart(?:Pre)?=\/usr\/bin\/env lookalike (.+)$/gm)];
  expect(commands).toHaveLength(2);
  const config = join(examples, 'lookalike.config.json');
  const [check = ''] = commands.map(([, words = '']) => words).filter((words) => words.includes('--check'));
  const words = check.split(' ').map((word) => (word.endsWith('.json') ? config : word));
  const { stdout } = await run(process.execPath, [join(root, 'dist/bin.js'), ...words], { cwd: folder });
  expect(stdout).toBe('The settings can be used.\n');
});

it('examples/grafana-dashboard.json asks for metrics that the docs and a gateway name', async () => {
  const { panels } = JSON.parse(readFileSync(join(examples, 'grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const docs = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const { text } = await scrape(gateway.url);
  const described = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/\b((?:lookalike|process|nodejs)_\w+)/g)].map(([, name]) => name!),
    ),
  );
  expect(asked.length).toBeGreaterThanOrEqual(panels.length);
  for (const name of asked) {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    expect(described.has(name) || described.has(family), name).toBe(true);
    if (name.startsWith('lookalike_')) expect(docs, name).toContain(`\`${family}\``);
  }
});

const python = '/usr/bin/python3';
const noPython = existsSync(python) ? '' : ' (skipped: no python3 here)';

describe.skipIf(noPython !== '')(`examples/scraper.py${noPython}`, () => {
  const pictures: Record<string, string> = {
    '/fig.jpg': 'photos/03-fig.jpg',
    '/same.jpg': 'photos/03-fig.jpg',
    '/brushes.jpg': 'photos/04-brushes.jpg',
  };
  let site: Server;
  let address: string;
  beforeAll(async () => {
    site = createServer(({ url = '' }, res) => {
      const name = pictures[url];
      if (name) return void res.end(picture(name));
      if (url !== '/page.html') return void res.writeHead(404).end();
      const images = [...Object.keys(pictures), '/gone.jpg'].map((path) => `<p><img alt="" src=".${path}">`);
      res.end(`<!doctype html><title>ü</title>${images.join('\n')}`);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  afterAll(() => void site.close());

  const scrapePage = (to: string) => run(python, [join(examples, 'scraper.py'), to, `${address}/page.html`]);

  it('stores the pictures of a page, and knows them the next time', async () => {
    const { blake2b256 } = golden('photos/03-fig.jpg');
    const first = await scrapePage(`${gateway.url}/imgcache`);
    expect(first.stdout.split('\n').filter((line) => !line.startsWith(' '))).toEqual([
      `CREATED ${address}/fig.jpg ${blake2b256}`,
      `URL_ADDED ${address}/same.jpg ${blake2b256}`,
      `CREATED ${address}/brushes.jpg ${golden('photos/04-brushes.jpg').blake2b256}`,
      '',
    ]);
    expect(first.stderr).toContain(`FAILED ${address}/gone.jpg`);
    const second = await scrapePage(`${gateway.url}/imgcache`);
    expect(second.stdout.match(/^KNOWN /gm)).toHaveLength(3);
    const { data } = await gateway.graphql(
      'query ($url: String!) { entryByUrl(url: $url) { clientName urls } }',
      {
        url: `${address}/same.jpg`,
      },
    );
    expect(data.entryByUrl).toMatchObject({
      clientName: 'example-scraper',
      urls: [`${address}/fig.jpg`, `${address}/same.jpg`],
    });
  });

  it('sends the key that its address has', async () => {
    const key = 'write-key-of-the-test';
    const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `write:${key}` });
    const closed = await startGateway({ apiKeys });
    try {
      const base = closed.url.replace('//', `//me:${key}@`);
      expect((await scrapePage(`${base}/imgcache`)).stdout).toContain('CREATED');
      await expect(scrapePage(`${closed.url}/imgcache`)).rejects.toThrow('401');
    } finally {
      await closed.close();
    }
  });
});

const modules = [join(root, 'node_modules'), join(root, 'test/front-ends/node_modules')];
const withReact = modules.find((path) => existsSync(join(path, 'react-dom/package.json')));
const noReact = withReact ? '' : ' (skipped: no react here)';

it.skipIf(!withReact)(`examples/vite-react builds, with the client as it is${noReact}`, async () => {
  const page = join(folder, 'vite-react');
  cpSync(join(examples, 'vite-react'), page, { recursive: true });
  mkdirSync(join(page, 'node_modules'));
  for (const name of ['react', 'react-dom', 'scheduler', 'vite']) {
    const installed = [withReact!, ...modules].map((path) => join(path, name)).find(existsSync);
    if (installed) symlinkSync(installed, join(page, 'node_modules', name));
  }
  const alias = { 'lookalike-client': join(root, 'dist/client/index.js') };
  await build({
    root: page,
    logLevel: 'error',
    resolve: { alias },
    configFile: join(page, 'vite.config.ts'),
  });
  expect(readFileSync(join(page, 'dist/index.html'), 'utf8')).toMatch(
    /<script type="module"[^>]* src="\/assets\//,
  );
});

it.skipIf(!isLong)(
  titleOfLong('the steps of the Dockerfile make a gateway that runs in a folder of its own'),
  async () => {
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    const [, first = '', last = ''] = dockerfile.split(/^FROM .+$/m);
    const kept = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const [work, image] = [join(folder, 'build'), join(folder, 'image')];
    const steps = [...first.matchAll(/^(COPY|RUN) (.+)$/gm)];
    expect(steps.map(([, kind]) => kind)).toContain('RUN');
    for (const [, kind, words = ''] of steps) {
      if (kind === 'RUN') {
        if (words.startsWith('npm ci')) copyInstalled(work);
        else await run('sh', ['-c', words], { cwd: work });
        continue;
      }
      const [target = '', ...sources] = words.split(' ').toReversed();
      for (const source of sources) {
        expect(kept).toContain(source);
        cpSync(join(root, source), join(work, target === './' ? source : target), { recursive: true });
      }
    }
    for (const [, source = '', target = ''] of last.matchAll(/^COPY --from=build \/app\/(\S+) (\S+)$/gm))
      cpSync(join(work, source), join(image, target === './' ? source : target), {
        recursive: true,
        verbatimSymlinks: true,
      });
    expect(existsSync(join(image, 'node_modules/typescript'))).toBe(false);
    const [, , linked = ''] = /ln -s (\/app\/(\S+)) \/usr\/local\/bin\/lookalike/.exec(last)!;
    const [, command = ''] = /^CMD \["lookalike", "(\w+)"\]$/m.exec(last)!;
    const served = spawn(process.execPath, [join(image, linked), command], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: '0', LOOKALIKE_DATA_DIR: join(folder, 'stored') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(served, 'close');
    let printed = '';
    for await (const chunk of served.stdout) {
      printed += chunk;
      if (printed.includes('What is stored goes to')) break;
    }
    const [, url = ''] = /ready: (\S+)\/graphql/.exec(printed)!;
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    served.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  },
  900_000,
);

/** What `npm ci` would install, of which the tests themselves run: no registry is waited for. */
function copyInstalled(to: string): void {
  const name = 'node_modules';
  cpSync(join(root, name), join(to, name), { recursive: true, verbatimSymlinks: true });
}
