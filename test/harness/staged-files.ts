import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The uploads on their way in a data folder, of all processes that use it. */
export function stagedFiles(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'incoming'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tmp'),
  );
}
