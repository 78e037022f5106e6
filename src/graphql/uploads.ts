import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { Upload } from 'graphql-upload-ts';
import type { GraphQLParams } from 'graphql-yoga';
import type { StagedImage, Staging } from '../services/staged-image.js';
import { tooLarge, withoutEmptyName } from './params.js';
import { malformedMultipart, resolveUpload } from './schema/upload.js';
import { parseOperations, placeUploads, tooManyFiles } from './upload-map.js';

export interface UploadOptions {
  staging: Staging;
  /** Of one file, in bytes. */
  maxFileSize: number;
  /** Of the operations and of the map, in bytes. */
  maxFieldSize: number;
}

/** Files of a request. */
const MAX_FILES = 10;

/** Text parts of a request, most of which nobody asked for. */
const MAX_FIELDS = 100;

/** Messages of graphql-js show a file that a variable holds so: else they would tell its inner fields. */
Object.assign(Upload.prototype, { toJSON: () => 'a file' });

/**
 * Reads the parameters of a GraphQL multipart request from Node's request. Each file is staged as it comes, while the
 * operation runs, and is gone with the response. Yoga's own parser holds files in memory; that of graphql-upload-ts writes
 * them to temporary files, from which they would be staged again.
 * @throws GraphQLError
 */
export async function readMultipart(
  req: IncomingMessage,
  res: ServerResponse,
  options: UploadOptions,
): Promise<GraphQLParams | GraphQLParams[]> {
  const maxBytes = 2 * options.maxFieldSize + MAX_FILES * options.maxFileSize;
  if (Number(req.headers['content-length']) > maxBytes)
    throw tooLarge(`The body is larger than ${maxBytes} bytes.`);
  const parser = createParser(req, options);
  return withoutEmptyName(await new MultipartRequest(req, res, options, parser).params);
}

function createParser({ headers }: IncomingMessage, options: UploadOptions): busboy.Busboy {
  const { maxFieldSize, maxFileSize } = options;
  // One byte over the limit is let through, so that staging sees that there are too many.
  const limits = {
    fieldSize: maxFieldSize,
    fields: MAX_FIELDS,
    fileSize: maxFileSize + 1,
    files: MAX_FILES,
  };
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits });
  } catch (error) {
    throw malformedMultipart((error as Error).message); // Of a Content-Type without a boundary.
  }
}

/** A request that is being read. */
class MultipartRequest {
  /** Resolves when the map has come; the files come after it. */
  readonly params: Promise<GraphQLParams | GraphQLParams[]>;
  #resolve!: (params: GraphQLParams | GraphQLParams[]) => void;
  #reject!: (error: Error) => void;
  readonly #closed: Promise<void>;
  readonly #fileNames = new Set<string>();
  #operations: GraphQLParams | GraphQLParams[] | undefined;
  #uploads: Map<string, Upload> | undefined;
  readonly #req: IncomingMessage;
  readonly #options: UploadOptions;
  readonly #parser: busboy.Busboy;

  constructor(req: IncomingMessage, res: ServerResponse, options: UploadOptions, parser: busboy.Busboy) {
    this.#req = req;
    this.#options = options;
    this.#parser = parser;
    this.params = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#closed = new Promise((resolve) => (res.closed ? resolve() : res.once('close', resolve)));
    parser
      .on('field', (name, text, { valueTruncated }) =>
        this.#attempt(() => this.#readField(name, text, valueTruncated)),
      )
      .on('file', (name, file, { filename }) => this.#attempt(() => this.#readFile(name, file, filename)))
      .on('filesLimit', () => this.#fail(tooManyFiles(MAX_FILES)))
      .on('finish', () => this.#attempt(() => this.#finish()))
      // There may be several.
      .on('error', (error) => this.#fail(malformedMultipart((error as Error).message)));
    // Nobody reads what is still to come, be it that the client is gone or that it has its response.
    void this.#closed.then(() => this.#fail(malformedMultipart('The body broke off.')));
    req.pipe(parser);
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Takes of each part of the specification the first, and no other. */
  #readField(name: string, text: string, truncated: boolean): void {
    const { maxFieldSize } = this.#options;
    const isOperations = name === 'operations' && !this.#operations;
    if (!isOperations && (name !== 'map' || this.#uploads)) return;
    if (truncated) throw tooLarge(`The part ${name} is larger than ${maxFieldSize} bytes.`);
    if (isOperations) {
      this.#operations = parseOperations(text);
      return;
    }
    if (!this.#operations) throw malformedMultipart('The part operations must come before the part map.');
    this.#uploads = placeUploads(this.#operations, text, MAX_FILES);
    this.#resolve(this.#operations);
  }

  #readFile(name: string, file: Readable, filename: string | undefined): void {
    file.on('error', () => {}); // Whoever reads it is told too.
    const upload = this.#uploads?.get(name);
    // Of several files with one name, the first counts.
    if (!upload || this.#fileNames.has(name)) {
      file.resume();
      if (!this.#uploads) throw malformedMultipart('The part map must come before the files.');
      return;
    }
    this.#fileNames.add(name);
    this.#stage(file)
      .then(
        (image) => {
          resolveUpload(upload, { filename, image });
          return this.#closed.then(() => image[Symbol.asyncDispose]());
        },
        (error) => upload.reject(error),
      )
      .catch(() => {}); // The next start removes a file that could not be removed.
  }

  /** Stages a file, and drains the rest of one that is not read whole: the parts behind it would not come otherwise. */
  #stage(file: Readable): Promise<StagedImage> {
    const { staging, maxFileSize: maxBytes } = this.#options;
    return staging.stage(bytesOf(file), { maxBytes }).finally(() => file.resume());
  }

  #finish(): void {
    this.#req.unpipe(this.#parser);
    this.#req.resume();
    if (!this.#operations) throw malformedMultipart('The part operations is missing.');
    if (!this.#uploads) throw malformedMultipart('The part map is missing.');
    for (const [name, upload] of this.#uploads)
      if (!this.#fileNames.has(name)) upload.reject(malformedMultipart('A file of the map is missing.'));
  }

  /** Rejects all uploads, whose files staging removes, and drains the rest of the body, so that the connection stays usable. */
  #fail(error: Error): void {
    this.#reject(error);
    for (const upload of this.#uploads?.values() ?? []) upload.reject(error);
    this.#req.unpipe(this.#parser);
    this.#parser.destroy();
    // Later: work that is under way would pause it again at once.
    setImmediate(() => this.#req.resume());
  }
}

async function* bytesOf(file: Readable): AsyncIterable<Uint8Array> {
  try {
    yield* file.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw malformedMultipart((error as Error).message);
  }
}
