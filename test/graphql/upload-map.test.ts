import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type IncomingReq, processRequest, Upload } from 'graphql-upload-ts';
import { expect, it } from 'vitest';
import { parseOperations, placeUploads } from '#src/graphql/upload-map.js';

const MAX_FILES = 3;
const KEYS = ['a', 'b', '0', '1', '__proto__', 'constructor', 'promise', 'length', ''];

const key = fc.constantFrom(...KEYS);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(0, '', 'x', true) },
    { weight: 4, arbitrary: fc.dictionary(key, tie('node'), { noNullPrototype: true, minKeys: 1 }) },
    { weight: 2, arbitrary: fc.array(tie('node'), { maxLength: 3 }) },
  ),
})).node;
/** As text, with a key that no literal object has of its own. */
const operations = value.map((tree) => JSON.stringify(tree).replaceAll('"b":', '"__proto__":'));

/** The paths to what is null, in any parsed JSON. */
function nullPaths(tree: unknown, keys: readonly string[] = []): string[] {
  if (tree === null) return [keys.join('.')];
  if (typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([name, child]) => nullPaths(child, [...keys, name]));
}

function mapsFor(text: string) {
  const right = nullPaths(JSON.parse(text));
  const path = fc.oneof(
    { weight: right.length > 0 ? 40 : 0, arbitrary: fc.constantFrom(...right, '') },
    { weight: 2, arbitrary: fc.array(key, { maxLength: 4 }).map((keys) => keys.join('.')) },
    { weight: 1, arbitrary: fc.constantFrom(0, null, ['a']) },
  );
  const name = fc.constantFrom('0', '1', '2', '3', '__proto__');
  const map = fc.oneof(
    { weight: 20, arbitrary: fc.dictionary(name, fc.array(path, { maxLength: 2 })) },
    { weight: 1, arbitrary: fc.constantFrom(null, [], 5, { 0: 'a' }, { 0: null }) },
  );
  return fc.tuple(
    fc.constant(text),
    map.map((given) => JSON.stringify(given)),
  );
}

/** The operations with the file of each upload in its place. */
function shown(operations: object, fileOf: (upload: Upload) => unknown): string {
  return JSON.stringify(operations, function (this: Record<string, unknown>, name, child) {
    const held = this[name];
    return held instanceof Upload ? { file: fileOf(held) } : child;
  });
}

/** As graphql-upload-ts reads the same texts; the status where it refuses them. */
async function byLibrary(operations: string, map: string) {
  const part = (name: string, text: string) =>
    `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  const body = `${part('operations', operations)}${part('map', map)}--X--\r\n`;
  const headers = { 'content-type': 'multipart/form-data; boundary=X' };
  const request = Object.assign(Readable.from([Buffer.from(body)]), { headers }) as unknown as IncomingReq;
  try {
    const read = await processRequest<object>(request, new EventEmitter() as never, { maxFiles: MAX_FILES });
    const seen: Upload[] = [];
    return shown(read, (upload) => numberOf(upload, seen));
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

/** Tells uploads apart, by their order. */
function numberOf(upload: Upload, seen: Upload[]): number {
  if (!seen.includes(upload)) seen.push(upload);
  return seen.indexOf(upload);
}

function byOurs(text: string, map: string) {
  try {
    const operations = parseOperations(text);
    placeUploads(operations, map, MAX_FILES);
    const seen: Upload[] = [];
    return shown(operations, (upload) => numberOf(upload, seen));
  } catch (error) {
    return (error as { extensions?: { http?: { status: number } } }).extensions?.http?.status;
  }
}

it('Uploads take the places that graphql-upload-ts gives them, and other maps are refused as there', async () => {
  const seen = { placed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(operations.chain(mapsFor), async ([text, map]) => {
      const ours = byOurs(text, map);
      expect(ours).toEqual(await byLibrary(text, map));
      if (String(ours).includes('"file"')) seen.placed++;
      if (ours === 400) seen.refused++;
    }),
    { numRuns: 500 },
  );
  expect(seen.placed).toBeGreaterThan(20);
  expect(seen.refused).toBeGreaterThan(20);
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});
