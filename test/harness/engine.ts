import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from '#src/embedded/engine.js';
import type { Storage } from '#src/embedded/open-storage.js';
import { createPicturePool } from '#src/embedded/picture/picture-pool.js';
import { openScratch } from '#src/embedded/scratch.js';
import { createFileStaging } from '#src/embedded/staging.js';
import type { StagedImage, Staging } from '#src/services/staged-image.js';

export interface TestEngine extends Engine {
  dataDir: string;
  staging: Staging;
  stage(bytes: Buffer): Promise<StagedImage>;
  /** Closes the engine and keeps its folder. */
  suspend(): Promise<void>;
}

export interface TestEngineOptions {
  /** Of an engine that was suspended. */
  dataDir?: string;
  /**
   * Where it keeps rows and bytes.
   * @default in the folder
   */
  storage?: Storage;
  /** Whether outdated descriptors are made anew in the background. */
  reindexes?: boolean;
}

export const pictures = createPicturePool({ maxPixels: 178_956_970 });

/** The embedded services with a folder of their own, which goes when they are closed. */
export async function openTestEngine({
  dataDir = mkdtempSync(join(tmpdir(), 'lookalike-engine-')),
  storage = { kind: 'FOLDER', dataDir },
  reindexes = true,
}: TestEngineOptions = {}): Promise<TestEngine> {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const engine = await openEngine({
    storage,
    ...(reindexes && { pictures }),
    onError,
  });
  const scratch = await openScratch(join(dataDir, 'incoming'));
  const staging = createFileStaging(scratch.folder, pictures);
  return {
    ...engine,
    dataDir,
    staging,
    stage: (bytes) => staging.stage([bytes]),
    async suspend() {
      await engine.close();
      await scratch.close();
    },
    async close() {
      await engine.close();
      await scratch.close();
      rmSync(dataDir, { recursive: true, force: true });
      if (errors.length > 0) throw new AggregateError(errors, 'Something went wrong in the background.');
    },
  };
}
