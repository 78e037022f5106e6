import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { glob } from 'tinyglobby';
import { parseRfc3339, type Timestamp } from '../../services/timestamp.js';
import { type Item, SourceError } from './item.js';
import { LIST_NAME, readList, STANDARD_INPUT } from './list.js';

export interface SourceOptions {
  /** The beginning of the URLs of files in folders; what follows is their path below the folder. */
  urlPrefix?: string | undefined;
  /** Patterns of files and folders that are left out. */
  ignore: readonly string[];
}

/** An address that has to be fetched. */
export const WEB_ADDRESS = /^https?:\/\//i;

/**
 * The items of folders, files, lists and URLs, in an order that stays.
 * @throws SourceError
 */
export async function* readSources(words: readonly string[], options: SourceOptions): AsyncGenerator<Item> {
  for (const word of words) yield* readSource(word, options);
}

async function* readSource(word: string, options: SourceOptions): AsyncGenerator<Item> {
  if (word === STANDARD_INPUT) return yield* readList(word);
  if (WEB_ADDRESS.test(word)) return yield { url: word, path: null };
  const path = resolve(word);
  const found = await stat(path).catch(() => null);
  if (!found) throw new SourceError(`There is no file or folder ${word}.`);
  if (found.isDirectory()) return yield* readFolder(path, options);
  if (LIST_NAME.test(path)) return yield* readList(path);
  yield await fileItem(path, basename(path), options);
}

async function* readFolder(folder: string, options: SourceOptions): AsyncGenerator<Item> {
  const names = await glob('**', {
    cwd: folder,
    dot: false,
    expandDirectories: false,
    ignore: options.ignore.flatMap(everywhere),
  });
  for (const name of names.sort()) yield await fileItem(join(folder, name), name, options);
}

/** A pattern without a slash is one of names in any folder, and what is left out is so with all that is in it. */
function everywhere(pattern: string): string[] {
  const below = pattern.replace(/\/+$/, '');
  const anywhere = below.includes('/') ? below.replace(/^\//, '') : `**/${below}`;
  return [anywhere, `${anywhere}/**`];
}

/** @param name its path below what the prefix stands for */
async function fileItem(path: string, name: string, { urlPrefix }: SourceOptions): Promise<Item> {
  return {
    url: urlPrefix === undefined ? pathToFileURL(path).href : `${urlPrefix}${encodePath(name)}`,
    path,
    filename: basename(path),
    lookupTime: await changedAt(path),
  };
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** Of what has gone since its folder was read, reading it will tell. */
async function changedAt(path: string): Promise<Timestamp | undefined> {
  const found = await stat(path).catch(() => null);
  return (found && parseRfc3339(found.mtime.toISOString())) ?? undefined;
}
