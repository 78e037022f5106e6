import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The path of a new config file. */
export function configFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lookalike-config-')), 'settings.json');
  writeFileSync(path, content);
  return path;
}
