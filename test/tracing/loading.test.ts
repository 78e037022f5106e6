import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const GATEWAY = new URL('../../dist/gateway.js', import.meta.url).href;
const CONFIG = new URL('../../dist/config.js', import.meta.url).href;

/** Starts a gateway in a process of its own, and tells which modules of OpenTelemetry it loaded, beside its interface. */
const SCRIPT = `
  import Module from 'node:module';
  import { createGateway } from '${GATEWAY}';
  import { loadConfig } from '${CONFIG}';
  const gateway = await createGateway(loadConfig(), { onError() {} });
  await gateway.listen();
  await gateway.close();
  const loaded = Object.keys(Module._cache).filter((path) => /opentelemetry\\/(?!api\\/)/.test(path));
  process.stdout.write(String(loaded.length));`;

async function modulesLoadedWith(env: Record<string, string>): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lookalike-loading-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      env: { PATH: process.env.PATH, PORT: '0', LOOKALIKE_DATA_DIR: dataDir, ...env },
    });
    return Number(stdout);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

it('what traces is loaded only where traces go somewhere', async () => {
  expect(await modulesLoadedWith({})).toBe(0);
  expect(await modulesLoadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })).toBeGreaterThan(20);
});
