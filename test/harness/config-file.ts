import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of a new config file, which goes with the test. */
export function configFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'settings.json');
  writeFileSync(path, content);
  return path;
}
