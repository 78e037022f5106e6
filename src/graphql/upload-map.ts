import { Upload } from 'graphql-upload-ts';
import type { GraphQLParams } from 'graphql-yoga';
import { tooLarge } from './params.js';
import { malformedMultipart } from './schema/upload.js';

/** @throws GraphQLError */
export function parseOperations(text: string): GraphQLParams | GraphQLParams[] {
  return parsePart('operations', text);
}

/**
 * Puts an upload in the place of each null that the map of a multipart request names.
 * @returns them by the names of the parts that their files come in
 * @throws GraphQLError
 */
export function placeUploads(operations: object, map: string, maxFiles: number): Map<string, Upload> {
  const parsed = parsePart<Record<string, unknown>>('map', map);
  if (Array.isArray(parsed)) throw malformedMultipart('The part map must be a JSON object.');
  const entries = Object.entries(parsed);
  if (entries.length > maxFiles) throw tooManyFiles(maxFiles);
  const uploads = new Map<string, Upload>();
  for (const [name, paths] of entries) {
    if (!Array.isArray(paths))
      throw malformedMultipart('The part map must have a list of paths for each file.');
    const upload = new Upload();
    uploads.set(name, upload);
    for (const path of paths) place(operations, path, upload);
  }
  return uploads;
}

export function tooManyFiles(maxFiles: number) {
  return tooLarge(`A request may have at most ${maxFiles} files.`);
}

function parsePart<T extends object>(name: string, text: string): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformedMultipart(`The part ${name} is not JSON.`);
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw malformedMultipart(`The part ${name} must be a JSON object.`);
  return parsed as T; // The steps that follow check what is in it.
}

/** Follows own properties alone: no path leads to a prototype. */
function place(operations: object, path: unknown, upload: Upload): void {
  const keys = typeof path === 'string' && path !== '' ? path.split('.') : [];
  const last = keys.pop();
  let parent: unknown = operations;
  for (const key of keys) parent = ownValue(parent, key);
  if (last === undefined || ownValue(parent, last) !== null)
    throw malformedMultipart(`The part map names a place that is not null: ${JSON.stringify(path)}.`);
  (parent as Record<string, unknown>)[last] = upload;
}

function ownValue(parent: unknown, key: string): unknown {
  const isPlain = typeof parent === 'object' && parent !== null && !(parent instanceof Upload);
  return isPlain && Object.hasOwn(parent, key) ? (parent as Record<string, unknown>)[key] : undefined;
}
