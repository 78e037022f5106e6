import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeExport } from '../commands/export-round-trip.js';
import { writePictures } from '../fakes/picture-files.js';
import { openTestEngine } from '../harness/engine.js';
import { runHere } from '../harness/run-here.js';
import type { SharedServers } from '../harness/shared-servers.js';
import { storedEntries, withoutStoreTimes } from '../harness/stored-entries.js';

export function describeImport(servers: () => SharedServers): void {
  describe('lookalike import', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'lookalike-import-shared-'));
      writePictures(join(folder, 'sources'), 60);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('brings in the same as into a folder, beside a gateway, and nothing a second time', async () => {
      const shared = await servers().create();
      const engine = await openTestEngine({ storage: shared });
      const collectionId = engine.defaultCollection!.collection.collectionId;
      const data = (name: string) => ({ LOOKALIKE_DATA_DIR: join(folder, name) });
      const args = ['import', join(folder, 'sources'), '--failures', join(folder, 'failures.tsv')];
      const alone = await runHere(args, data('alone'));
      const env = { ...shared.env, ...data('beside') };
      const beside = await runHere([...args, '--collection', collectionId], env);
      expect(beside).toMatchObject({ code: 0, stdout: alone.stdout });
      const entries = await storedEntries(shared);
      expect(entries).toHaveLength(54);
      const alike = await storedEntries({ kind: 'FOLDER', dataDir: join(folder, 'alone') });
      expect(withoutStoreTimes(entries)).toEqual(withoutStoreTimes(alike));
      expect(await engine.visualsnoop.countImages(collectionId, {})).toBe(54);
      const again = await runHere([...args, '--collection', collectionId], env);
      expect(again.stdout).toBe('Stored 0, there already 60, failed 0.\n');
      await engine.close();
    });

    describeExport(async () => {
      const storage = await servers().create();
      return { storage, env: { ...storage.env, LOOKALIKE_DATA_DIR: mkdtempSync(join(folder, 'scratch-')) } };
    });
  });
}
