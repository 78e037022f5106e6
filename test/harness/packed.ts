import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

interface Packed {
  filename: string;
  files: { path: string }[];
}

/**
 * Packs a package of this repository as it is published, and installs it into an empty project.
 * @param folder of the package, such as `./packages/client`
 * @returns the paths of the files in it
 */
export async function packAndInstall(folder: string, project: string): Promise<string[]> {
  // The tests run the built code: what packs the gateway would only build it once more.
  const scripts = folder === '.' ? ['--ignore-scripts'] : [];
  const pack = ['pack', folder, '--json', '--pack-destination', project, ...scripts];
  const { stdout } = await run('npm', pack, { cwd: root });
  const [packed] = JSON.parse(stdout) as [Packed];
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', [...install, `./${packed.filename}`], { cwd: project });
  return packed.files.map(({ path }) => path);
}
