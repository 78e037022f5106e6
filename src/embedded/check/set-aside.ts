import { existsSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../staging.js';

/** The folder for rows and files that repairs take away: nothing is deleted, as it may be somebody's only copy. */
export class SetAside {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Moves a file here, under its name or a longer one. */
  async file(path: string): Promise<void> {
    await this.#makeFolder();
    const name = basename(path);
    let target = join(this.#folder, name);
    for (let copy = 2; existsSync(target); copy++) target = join(this.#folder, `${name}.${copy}`);
    await rename(path, target);
    await syncFolder(this.#folder);
    await syncFolder(dirname(path));
  }

  /** Writes rows down, durably, as JSON lines of `removed-rows.jsonl`. */
  async rows(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#makeFolder();
    await using file = await open(join(this.#folder, 'removed-rows.jsonl'), 'a', 0o600);
    await file.writeFile(rows.map((row) => `${JSON.stringify({ table, ...row })}\n`).join(''));
    await file.datasync();
    await syncFolder(this.#folder);
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(this.#folder));
  }
}
