import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import type { IncomingReq } from 'graphql-upload-ts';
import type { UploadOptions } from './uploads.js';

/** Text parts of a request, most of which nobody asked for. */
const MAX_FIELDS = 100;

/**
 * A request as graphql-upload-ts is to see it: with the parts of the specification, and each of them once. It would
 * count other text parts as if they were these, and of several files with one part name keep the last and leak the
 * temporary files of the others.
 */
export function multipartSource(
  req: IncomingMessage,
  res: ServerResponse,
  limits: UploadOptions,
): IncomingReq {
  let reader: Busboy | undefined;
  const source: IncomingReq = {
    headers: req.headers,
    get readableEnded() {
      return req.readableEnded;
    },
    once: req.once.bind(req),
    resume: req.resume.bind(req),
    pipe(parser) {
      // It pipes into its own busboy, which is given what ours has read in its place.
      reader = readFor(parser as unknown as Writable, req, res, limits);
      req.pipe(reader);
      return parser;
    },
    unpipe() {
      if (reader) req.unpipe(reader);
      return req;
    },
  };
  return source;
}

function readFor(
  parser: Writable,
  { headers }: IncomingMessage,
  res: ServerResponse,
  { maxFieldSize, maxFileSize, maxFiles }: UploadOptions,
): Busboy {
  const reader = busboy({
    headers,
    defParamCharset: 'utf8',
    limits: { fieldSize: maxFieldSize, fields: MAX_FIELDS, fileSize: maxFileSize, files: maxFiles },
  });
  const wanted = new Set(['operations', 'map']);
  const names = new Set<string>();
  reader.on('file', (name, file, info) => {
    // Nobody would remove the temporary file of one that comes after the response.
    if (names.has(name) || res.closed) return ignore(file);
    names.add(name);
    parser.emit('file', name, file, info);
  });
  reader.on('field', (name, ...value) => {
    if (!wanted.delete(name)) return;
    parser.emit('field', name, ...value);
  });
  reader.on('filesLimit', () => parser.emit('filesLimit'));
  reader.on('finish', () => parser.emit('finish'));
  reader.on('error', (error) => parser.emit('error', error));
  parser.once('close', () => reader.destroy(parser.errored ?? undefined));
  return reader;
}

function ignore(file: Readable): void {
  file.on('error', () => {});
  file.resume();
}
