import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../durable.js';

/** The folder for rows that repairs take away: nothing is deleted, as it may be somebody's only copy. */
export class SetAside {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
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
