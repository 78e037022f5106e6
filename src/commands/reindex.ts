import type { Config } from '../config.js';
import { createPicturePool } from '../embedded/picture/picture-pool.js';
import { reindex } from '../embedded/reindex.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { withStorage } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Makes the descriptors of another version anew from the stored pictures, while no gateway has the data folder; with
DATABASE_URL also beside gateways, and several at a time share the work. A gateway does the same in the background. It
can be interrupted and goes on where it was.`,
    )
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(({ config: file, json = false }) => withConfig({ file }, (config) => run(config, json)));
}

async function run(config: Config, json: boolean): Promise<void> {
  const pictures = createPicturePool({ maxPixels: config.maxPixels });
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
    await withStorage(config, ({ store, blobs }) =>
      reindex({ store, blobs, pictures, onError }, { onProgress }),
    );
  } finally {
    await pictures.close();
  }
  if (json) process.stdout.write(`${JSON.stringify(progress)}\n`);
  else
    process.stdout.write(
      `${progress.done - progress.failed} of ${progress.done} pictures are described anew.\n`,
    );
  if (progress.failed > 0) process.exitCode = 1;
}
