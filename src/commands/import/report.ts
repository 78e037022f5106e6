import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { clearBar } from '../progress-bar.js';
import type { Outcome, Result } from './item.js';
import { fieldsOf, LIST_HEAD, listLine } from './list.js';
import type { Progress } from './progress.js';

/** Where what failed is listed unless another file is named: a list that can be imported again. */
export const FAILURES_FILE = 'import-failures.tsv';

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  STORED: 'stored',
  URL_ADDED: 'URL added',
  ADDED_TO_COLLECTION: 'added to the collection',
  THERE: 'there already',
  NO_PICTURE: 'no picture',
  FAILED: 'failed',
};

/** What of an outcome is told even where there is none of it. */
const ALWAYS: ReadonlySet<Outcome> = new Set(['STORED', 'THERE', 'FAILED']);

export interface ReportOptions {
  json: boolean;
  dryRun: boolean;
  progress: Progress;
  failuresFile: string;
}

/** Tells what becomes of each item, and at the end of all. */
export class Report {
  readonly #options: ReportOptions;
  readonly #counts = new Map<Outcome, number>();
  #failures: WriteStream | null = null;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  get failed(): number {
    return this.#counts.get('FAILED') ?? 0;
  }

  add(result: Result): void {
    const { outcome, item, problem } = result;
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    if (outcome === 'FAILED') {
      // Beside the last one, which may be what is read at this moment.
      this.#failures ??= begin(`${this.#options.failuresFile}.part`);
      this.#failures.write(listLine({ ...fieldsOf(item), problem: problem! }));
    }
    if (this.#options.json) process.stdout.write(`${JSON.stringify(shown(result))}\n`);
    else if (outcome === 'FAILED') tellFailure(result);
    this.#options.progress.advance();
  }

  /** @param isWhole false where not all was tried */
  async end(isWhole: boolean): Promise<void> {
    const { progress, failuresFile, dryRun } = this.#options;
    progress.end();
    if (this.#failures) {
      this.#failures.end();
      await finished(this.#failures);
      await rename(`${failuresFile}.part`, failuresFile);
    } else if (isWhole && !dryRun) await rm(failuresFile, { force: true });
    process.stdout.write(this.#options.json ? this.#json(isWhole) : this.#text(isWhole));
  }

  #json(isWhole: boolean): string {
    const counts = Object.keys(OUTCOMES).map((name) => [name, this.#counts.get(name as Outcome) ?? 0]);
    return `${JSON.stringify({ summary: Object.fromEntries(counts), interrupted: !isWhole })}\n`;
  }

  #text(isWhole: boolean): string {
    const parts = Object.entries(OUTCOMES).flatMap(([name, words]) => {
      const count = this.#counts.get(name as Outcome) ?? 0;
      return count > 0 || ALWAYS.has(name as Outcome) ? [`${words} ${count}`] : [];
    });
    const where = this.failed > 0 ? ` (see ${this.#options.failuresFile})` : '';
    const text = `${parts.join(', ')}${where}.`;
    const begin = this.#options.dryRun ? 'Nothing was done. It would be: ' : '';
    const end = isWhole ? '' : ' Not all was tried: start it again for the rest.';
    return `${begin}${begin ? text : text.charAt(0).toUpperCase() + text.slice(1)}${end}\n`;
  }
}

function begin(path: string): WriteStream {
  const file = createWriteStream(path);
  file.write(LIST_HEAD);
  return file;
}

function shown({ item, outcome, contentHash, problem }: Result): object {
  const { url, path } = item;
  return { url, file: path, contentHash, outcome, ...(problem !== undefined && { problem }) };
}

function tellFailure({ item, problem }: Result): void {
  clearBar();
  process.stderr.write(`${item.path ?? item.url}: ${problem}\n`);
}
