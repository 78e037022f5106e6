import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '#src/embedded/open-storage.js';
import { corpusPicture } from '../embedded/corpus.js';
import { writeFile } from '../fakes/picture-files.js';
import { openTestEngine } from '../harness/engine.js';
import { runHere } from '../harness/run-here.js';
import { storedEntries } from '../harness/stored-entries.js';

/** A storage, and the environment of a command that works on it. */
export interface ExportPlace {
  storage: Storage;
  env: Record<string, string>;
}

const FIG = 'photos/03-fig.jpg';
const BRUSHES = 'photos/04-brushes.jpg';

/** @param make gives a storage that has nothing yet */
export function describeExport(make: () => Promise<ExportPlace>): void {
  describe('lookalike export', () => {
    let root: string;
    let from: ExportPlace;
    let collectionId: string;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'lookalike-export-'));
      from = await make();
      const engine = await openTestEngine({ storage: from.storage });
      collectionId = engine.defaultCollection!.collection.collectionId;
      const lookupTime = '2001-02-03T04:05:06.700000Z';
      for (const [bytes, url, more] of [
        [corpusPicture(FIG), 'https://x.example/fig?a=1&b=\\n', { filename: 'näme "1".jpg', lookupTime }],
        [corpusPicture(FIG), 'a tab\there', { lookupTime }],
        [corpusPicture(BRUSHES), 'two\nlines\\', {}],
        [corpusPicture(FIG), 'https://x.example/third', {}],
        [Buffer.from('no picture'), 'https://x.example/folder/', {}],
        [Buffer.alloc(0), '', {}],
      ] as const) {
        await using image = await engine.stage(bytes);
        await engine.imgcache.store(image, {
          url,
          clientName: url === '' ? '' : `by ${url.length}`,
          ...more,
        });
      }
      const parts = engine.imgcache.inBucket!('parts é');
      const notes = {
        prefix: 'doors\\and\\n é',
        meta: { b: ['\n'], a: null },
        notesRetrieval: true,
      } as const;
      for (const [bytes, url] of [
        [corpusPicture(FIG), 'https://x.example/elsewhere'],
        [Buffer.from('in one bucket'), 'https://x.example/elsewhere'],
      ] as const) {
        await using image = await engine.stage(bytes);
        await parts.store(image, { url, clientName: 'parts', ...notes });
      }
      await using fig = await engine.stage(corpusPicture(FIG));
      await engine.visualsnoop.addImage(collectionId, fig, { imageId: 'fig' });
      await using alone = await engine.stage(corpusPicture('photos/05-wine.jpg'));
      await engine.visualsnoop.addImage(collectionId, alone, { imageId: 'without an entry' });
      await engine.close();
    });
    afterAll(() => rmSync(root, { recursive: true }));

    const run = (...args: string[]) => runHere(['export', ...args], from.env);
    const filesIn = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\/[0-9a-f]{64}\./.test(name),
      );

    it('writes what an import makes the same entries of', async () => {
      const folder = join(root, 'whole');
      expect(await run(folder)).toEqual({
        code: 0,
        stdout: `In ${folder}: 6 entries with 8 URLs. New files: 5.\n`,
        stderr: '',
      });
      const to = await make();
      const args = ['import', join(folder, 'entries.tsv'), '--failures', join(root, 'failures.tsv')];
      expect(await runHere(args, to.env)).toMatchObject({
        code: 0,
        stdout: 'Stored 6, URL added 2, there already 0, failed 0.\n',
      });
      const entries = await storedEntries(from.storage);
      expect(entries).toHaveLength(6);
      expect(await storedEntries(to.storage)).toEqual(entries);
      expect((await runHere(args, to.env)).stdout).toBe('Stored 0, there already 8, failed 0.\n');
    });

    it('goes on where it was broken off, and writes nothing twice', async () => {
      const folder = join(root, 'resumed');
      await run(folder);
      const files = filesIn(folder);
      expect(files).toHaveLength(5);
      const [half, kept] = files.filter((name) => /\.jpg$/.test(name)) as [string, string];
      const whole = readFileSync(join(folder, half));
      writeFileSync(join(folder, half), whole.subarray(0, 100));
      const before = statSync(join(folder, kept)).mtimeMs;
      rmSync(join(folder, 'entries.tsv'));
      expect((await run(folder, '--json')).stdout).toBe(
        `${JSON.stringify({ folder, entries: 6, urls: 8, written: 1, problems: [] })}\n`,
      );
      expect(readFileSync(join(folder, half))).toEqual(whole);
      expect(statSync(join(folder, kept)).mtimeMs).toBe(before);
      expect(existsSync(join(folder, 'entries.tsv'))).toBe(true);
    });

    it('takes what is in a collection and has an entry', async () => {
      const folder = join(root, 'collection');
      const { stdout } = await run(folder, '--collection', collectionId);
      expect(stdout).toBe(`In ${folder}: 1 entries with 3 URLs. New files: 1.\n`);
      expect(filesIn(folder)).toHaveLength(1);
      expect(await run(folder, '--collection', 'ffffffff')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('ffffffff'),
      });
    });

    it('is refused by an import where a file has other bytes than it says', async () => {
      const folder = join(root, 'altered');
      await run(folder);
      const [name] = filesIn(folder).filter((each) => each.endsWith('.jpg'));
      writeFile(folder, name!, corpusPicture('photos/05-wine.jpg'));
      const to = await make();
      const args = ['import', join(folder, 'entries.tsv'), '--failures', join(root, 'failures.tsv')];
      const entries = await storedEntries(from.storage);
      const right = entries.filter(({ contentHash }) => !name!.includes(contentHash));
      expect(right.length).toBeLessThan(entries.length);
      const { code, stdout } = await runHere(args, to.env);
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: expect.stringContaining(`Stored ${right.length}`),
      });
      expect(readFileSync(join(root, 'failures.tsv'), 'utf8')).toContain('are not those');
    });
  });
}
