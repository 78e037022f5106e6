import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { collectDocuments, type DocumentFile } from '../graphql/trusted-documents-file.js';
import { type AnyCommand, CommandError } from './command-line.js';

const FILES = '**/*.{graphql,gql}';

export function define(command: AnyCommand): void {
  command
    .description(
      `Writes the file that LOOKALIKE_TRUSTED_DOCUMENTS names: each operation in *.graphql files, with the fragments that it
needs from any of them, under the SHA-256 of its text. All are checked against the schema of this gateway first.`,
    )
    .argument('<PATHS...>', "files, folders, or patterns such as 'src/**/*.graphql'")
    .option('--out <FILE>', 'the file (default: standard output)')
    .action(async (paths, { out }) => {
      const { documents, problems } = collectDocuments(await readFiles(paths));
      if (problems.length > 0) throw new CommandError([`There are mistakes.`, ...problems].join('\n  '));
      if (documents.size === 0) throw new CommandError('There is no operation in these files.');
      const text = `${JSON.stringify(Object.fromEntries(documents), null, 2)}\n`;
      if (out === undefined) return void process.stdout.write(text);
      replaceFile(out, text);
      process.stdout.write(`Documents in ${out}: ${documents.size}.\n`);
    });
}

async function readFiles(paths: readonly string[]): Promise<DocumentFile[]> {
  const found = await Promise.all(paths.map(findFiles));
  // A folder and a pattern may have the same file.
  return [...new Set(found.flat())].map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** The files at a path, in an order that stays. Names of files may look like patterns. */
async function findFiles(path: string): Promise<string[]> {
  const found = existsSync(path) ? statSync(path) : null;
  if (found && !found.isDirectory()) return [path];
  const files = await (found
    ? glob(FILES, { cwd: path }).then((names) => names.map((name) => join(path, name)))
    : glob(path, { expandDirectories: false }));
  if (files.length === 0) throw new CommandError(`There is no .graphql file at ${path}.`);
  return files.sort();
}

/** Lets a gateway that reads the file meanwhile find the old one or the new one. */
function replaceFile(path: string, text: string): void {
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, text);
  renameSync(part, path);
}
