import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

/** The path of a new config file, which is removed after the tests of this test file. */
export function configFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-config-'));
  folders.push(folder);
  const path = join(folder, 'settings.json');
  writeFileSync(path, content);
  return path;
}

export function removeConfigFiles(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}
