import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../harness/log-lines.js';
import { until } from '../harness/patience.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

let folder: string;
let child: ChildProcess;
let output: { stdout: string; stderr: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-log-'));
});
afterEach(async () => {
  await end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a gateway and gives its address. */
async function serve(env: Record<string, string> = {}, stderr: 'pipe' | number = 'pipe'): Promise<string> {
  child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', stderr],
  });
  output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk) => (output.stdout += chunk));
  child.stderr?.on('data', (chunk) => (output.stderr += chunk));
  return until(
    () => /ready: (\S+)\/graphql/.exec(output.stdout)?.[1],
    () => `The gateway did not start: ${output.stderr}`,
  );
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'close');
}

function lines(): LogLine[] {
  return output.stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('A gateway', () => {
  it('logs JSON lines on standard error, and speaks to people on standard output', async () => {
    const url = await serve();
    await (await fetch(`${url}/files/x`, { headers: { 'x-request-id': 'mine' } })).text();
    await (await fetch(`${url}/health`)).text();
    await end('SIGTERM');
    expect(lines().map(({ level, msg }) => [level, msg])).toEqual([
      ['info', 'ready'],
      ['info', 'request'],
      ['info', 'stopping'],
      ['info', 'stopped'],
    ]);
    expect(lines()[1]).toMatchObject({ requestId: 'mine', path: '/files/x', status: 404 });
    expect(output.stdout).toMatch(/^(?:[A-Z][^\n]*\n){3}$/);
  });

  it('has logged what it answered some time before it is killed', async () => {
    const url = await serve({ LOOKALIKE_LOG_LEVEL: 'debug' });
    for (let i = 0; i < 20; i++) await (await fetch(`${url}/health`)).text();
    await sleep(2000);
    await end('SIGKILL');
    expect(lines().filter(({ path }) => path === '/health')).toHaveLength(20);
  });

  it('has logged what it warned of, and all before that, when it is killed', async () => {
    const url = await serve({ LOOKALIKE_LOG_LEVEL: 'debug', LOOKALIKE_SLOW_MS: '1' });
    await (await fetch(`${url}/health`)).text();
    // The first page takes long to make.
    await (await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).arrayBuffer();
    await (await fetch(`${url}/health`)).text();
    await end('SIGKILL');
    expect(lines().map(({ path, msg }) => [path, msg])).toEqual(
      expect.arrayContaining([
        ['/health', 'request'],
        ['/graphql', 'slow request'],
      ]),
    );
  });

  it.skipIf(!existsSync('/dev/full'))('goes on when its log has no room', async () => {
    const full = openSync('/dev/full', 'w');
    const url = await serve({ LOOKALIKE_LOG_LEVEL: 'debug' }, full);
    closeSync(full);
    for (let i = 0; i < 3; i++) expect((await fetch(`${url}/health`)).status).toBe(200);
    await end('SIGTERM');
    expect(child.exitCode).toBe(0);
  });

  it('logs nothing when that is wanted', async () => {
    const url = await serve({ LOOKALIKE_LOG_LEVEL: 'silent' });
    await (await fetch(`${url}/files/x`)).text();
    await end('SIGTERM');
    expect(output.stderr).toBe('');
  });

  it('warns of what takes longer than is set', async () => {
    const url = await serve({ LOOKALIKE_LOG_LEVEL: 'warn', LOOKALIKE_SLOW_MS: '1' });
    // The first page takes long to make.
    await (await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).arrayBuffer();
    await end('SIGTERM');
    expect(lines()).toMatchObject([{ level: 'warn', msg: 'slow request', method: 'GET', path: '/graphql' }]);
  });
});
