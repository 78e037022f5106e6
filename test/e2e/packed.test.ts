import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAndInstall } from '../harness/packed.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<string, unknown>;

/** An empty project that installs the packed gateway. */
let project: string;
let files: string[];

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'lookalike-packed-'));
  files = await packAndInstall('.', project);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the packed gateway', () => {
  it('has the command lookalike, which serves', async () => {
    const command = join(project, 'node_modules/.bin/lookalike');
    const { stdout } = await run(command, ['--version']);
    expect(stdout).toBe(`${manifest('.').version}\n`);
    const gateway = spawn(command, ['serve', '--port', '0', '--data-dir', 'stored'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(gateway, 'close');
    let printed = '';
    for await (const chunk of gateway.stdout) {
      printed += chunk;
      if (printed.includes('What is stored goes to')) break;
    }
    const [, url] = /ready: (\S+)\/graphql/.exec(printed)!;
    expect(printed).toContain(join(project, 'stored'));
    expect((await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(200);
    const health = await run(command, ['health', '--ready', '--url', url!]);
    expect(health.stderr).toBe('');
    gateway.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    const gone = await run(command, ['health', '--url', url!]).catch((error: { code: number }) => error);
    expect(gone).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^lookalike: No response [^\n]+\n$/),
    });
  });

  it('exports the client', async () => {
    writeFileSync(join(project, 'client.js'), "export * from 'lookalike-gateway/client';");
    expect(await import(join(project, 'client.js'))).toMatchObject({ createClient: expect.any(Function) });
  });

  it('has what its README and its docs link to', () => {
    const pages = files.filter((file) => /^(README|docs\/.*)\.md$/.test(file));
    expect(pages).toContain('docs/operations.md');
    for (const page of pages) {
      const text = readFileSync(join(root, page), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^https?:/.test(link)) continue;
        const target = normalize(join(dirname(page), link)).replace(/\/$/, '');
        expect(existsSync(join(project, 'node_modules/lookalike-gateway', target)), `${page}: ${link}`).toBe(
          true,
        );
      }
    }
  });
});

it('the two packages have the same version, and both can be published', () => {
  for (const folder of ['.', 'packages/client'])
    expect(manifest(folder)).toMatchObject({
      version: manifest('.').version,
      license: 'MIT',
      keywords: expect.arrayContaining(['graphql']),
      publishConfig: { access: 'public', provenance: true },
    });
});
