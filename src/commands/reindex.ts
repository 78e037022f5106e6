import { loadConfig } from '../config.js';
import { openBlobs } from '../embedded/open-storage.js';
import { createPicturePool } from '../embedded/picture/picture-pool.js';
import { reindex } from '../embedded/reindex.js';
import { storageOf } from '../open-services.js';
import { COMMON_OPTIONS, parseCommandLine, refuseMore } from './command-line.js';
import { openDatabase, requireDatabase, takeFolder } from './data-folder.js';
import { drawBar } from './progress-bar.js';

const HELP = `Usage: lookalike reindex [--json]

Makes the descriptors of another version anew from the stored pictures, while no gateway has the data folder. A gateway
does the same in the background. It can be interrupted and goes on where it was.

  --json           print what was done as JSON
  --config FILE    settings as JSON
`;

export async function run(argv: readonly string[]): Promise<void> {
  const options = { ...COMMON_OPTIONS, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseCommandLine({ args: [...argv], allowPositionals: true, options });
  if (values.help) return void process.stdout.write(HELP);
  refuseMore(positionals);
  const config = loadConfig(process.env, values.config);
  const storage = storageOf(config);
  const database = requireDatabase(storage);
  const lock = takeFolder(storage);
  const { store, close } = await openDatabase(database);
  const pictures = createPicturePool({ maxPixels: config.maxPixels });
  const blobs = openBlobs(storage);
  const progress = { done: 0, total: 0, failed: 0 };
  const onError = (error: unknown) => {
    progress.failed++;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  };
  try {
    const onProgress = (now: { done: number; total: number }) => {
      Object.assign(progress, now);
      drawBar(now);
    };
    await reindex({ store, blobs, pictures, onError }, { onProgress });
  } finally {
    await pictures.close();
    await close();
    lock.release();
  }
  if (values.json) process.stdout.write(`${JSON.stringify(progress)}\n`);
  else
    process.stdout.write(
      `${progress.done - progress.failed} of ${progress.done} pictures are described anew.\n`,
    );
  if (progress.failed > 0) process.exitCode = 1;
}
