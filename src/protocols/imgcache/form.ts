import type { IncomingMessage } from 'node:http';
import { HttpError } from '../../http/errors.js';
import type { RequestScope } from '../../request/request-scope.js';
import { bucketProblem } from '../../services/bucket.js';
import type { StagedImage, Staging } from '../../services/staged-image.js';
import { isStorable } from '../../services/storable-text.js';
import type { Timestamp } from '../../services/timestamp.js';
import {
  decodeText,
  MalformedMultipartError,
  multipartParts,
  type Part,
  UnfinishedPartError,
} from './form-reader.js';
import {
  badValue,
  type FieldPlace,
  type FieldProblem,
  InvalidFields,
  missing,
  notATime,
  tooLong,
  unstorable,
} from './problems.js';
import { parseWireTime } from './times.js';

const DEFAULT_FILENAME = 'image';
const MAX_FIELD_BYTES = 1_048_576;
const MAX_PARTS_OF_A_KIND = 1000;
const MAX_URL_LENGTH = 65_536;

/** What a text says, or why that cannot be taken. */
export type Read<T> = { value: T } | { problem: string };

/** What takes the file. */
export interface Receiving {
  staging: Staging;
  maxUploadBytes: number;
  scope: RequestScope;
}

/**
 * A received form that stores a file. Its fields are read in the order in which their problems are to be told; of one that is
 * given twice, the last counts.
 */
export class StoreForm implements AsyncDisposable {
  readonly #fields: ReadonlySet<string>;
  readonly #texts = new Map<string, string>();
  readonly #problems: FieldProblem[] = [];
  #image: StagedImage | undefined;
  #filename: string | undefined;

  private constructor(fields: ReadonlySet<string>) {
    this.#fields = fields;
  }

  /**
   * Receives a whole request body; the file goes straight to staging.
   *
   * @param fields the names of the fields beside the file; others are skipped
   * @throws HttpError 400, and 413 for a form without a file
   * @throws TooManyBytesError
   */
  static async receive(
    req: IncomingMessage,
    receiving: Receiving,
    fields: ReadonlySet<string>,
  ): Promise<StoreForm> {
    const form = new StoreForm(fields);
    try {
      await form.#receive(req, receiving);
      return form;
    } catch (error) {
      await form[Symbol.asyncDispose]();
      if (error instanceof MalformedMultipartError)
        throw new HttpError(400, 'There was an error parsing the body');
      throw error;
    }
  }

  /**
   * The image to store, once all fields are read; the form keeps owning it.
   *
   * @throws InvalidFields
   */
  checked(): StagedImage {
    if (!this.#image || this.#problems.length > 0) throw new InvalidFields(this.#problems);
    return this.#image;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#image?.[Symbol.asyncDispose]();
  }

  async #receive(req: IncomingMessage, receiving: Receiving): Promise<void> {
    const contentType = req.headers['content-type'] ?? '';
    // Leaving the loop early must not end the connection, which still has to carry the response.
    const body: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false });
    switch (contentType.replace(/;.*/s, '').trim().toLowerCase()) {
      case 'multipart/form-data':
        return this.#receiveParts(multipartParts(body, boundaryOf(contentType)), receiving);
      case 'application/x-www-form-urlencoded':
        for (const [name, value] of new URLSearchParams(await readText(body)))
          await this.#setText(name, value);
    }
  }

  async #receiveParts(parts: AsyncIterable<Part>, receiving: Receiving): Promise<void> {
    const count = { files: 0, fields: 0 };
    try {
      for await (const { name, filename, data } of parts) {
        const kind = filename === undefined ? 'fields' : 'files';
        if (name === undefined)
          throw new HttpError(400, 'The Content-Disposition header field "name" must be provided.');
        if (++count[kind] > MAX_PARTS_OF_A_KIND)
          throw new HttpError(400, `Too many ${kind}. Maximum number of ${kind} is ${MAX_PARTS_OF_A_KIND}.`);
        if (filename === undefined) await this.#setText(name, await readText(data));
        else if (name === 'file') await this.#setImage(await stage(data, receiving), filename);
      }
    } catch (error) {
      // A body that breaks off within a part lacks that part; the parts before it count.
      if (!(error instanceof UnfinishedPartError)) throw error;
    }
  }

  async #setText(name: string, text: string): Promise<void> {
    if (name === 'file') await this.#setImage(undefined);
    // A bucket that was named once stays named.
    if (name === 'bucket' && text === '') return;
    if (name === 'file' || this.#fields.has(name)) this.#texts.set(name, text);
  }

  async #setImage(image: StagedImage | undefined, filename?: string): Promise<void> {
    const former = this.#image;
    this.#image = image;
    this.#filename = filename;
    await former?.[Symbol.asyncDispose]();
  }

  /** Reads whether there is a file; `checked` gives it. */
  file(): void {
    const loc: FieldPlace = ['body', 'file'];
    const text = this.#texts.get('file');
    if (this.#image) return;
    this.#problems.push(
      text === undefined ? missing(loc) : badValue(loc, text, "Expected UploadFile, received: <class 'str'>"),
    );
  }

  text(name: string, maxLength = Number.POSITIVE_INFINITY): string {
    const text = this.#texts.get(name);
    if (text === undefined) this.#problems.push(missing(['body', name]));
    else this.#check(name, text, maxLength);
    return text ?? '';
  }

  /** The URL that the bytes came from. */
  url(): string {
    return this.text('url', MAX_URL_LENGTH);
  }

  /** The name of the file; none where it is the default name that the original clients send. */
  filename(): string | undefined {
    const filename = this.#filename ?? '';
    this.#check('file', filename);
    return filename === '' || filename === DEFAULT_FILENAME ? undefined : filename;
  }

  time(name: string): Timestamp | undefined {
    const text = this.#texts.get(name);
    if (!text) return undefined;
    const time = parseWireTime(text);
    if (time === null) this.#problems.push(notATime(['body', name], text));
    return time ?? undefined;
  }

  bucket(): string | undefined {
    return this.read('bucket', (bucket) => {
      const problem = bucketProblem(bucket);
      return problem === null ? { value: bucket } : { problem: `The bucket ${problem}` };
    });
  }

  /** Reads what need not be there; an empty text is none. */
  read<T>(name: string, read: (text: string) => Read<T>): T | undefined {
    const text = this.#texts.get(name);
    if (!text) return undefined;
    const result = read(text);
    if ('value' in result) return result.value;
    this.#problems.push(badValue(['body', name], text, result.problem));
    return undefined;
  }

  #check(name: string, text: string, maxLength = Number.POSITIVE_INFINITY): void {
    const loc: FieldPlace = ['body', name];
    if (text.length > maxLength) this.#problems.push(tooLong(loc, text, maxLength));
    else if (!isStorable(text)) this.#problems.push(unstorable(loc, text));
  }
}

function boundaryOf(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new HttpError(400, 'Missing boundary in multipart.');
  return boundary;
}

async function stage(data: AsyncIterable<Buffer>, { staging, maxUploadBytes, scope }: Receiving) {
  return staging.stage(data, { maxBytes: maxUploadBytes, signal: scope.gone });
}

async function readText(data: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of data) {
    size += chunk.length;
    if (size > MAX_FIELD_BYTES) throw new HttpError(400, 'Part exceeded maximum size of 1024KB.');
    chunks.push(chunk);
  }
  return decodeText(Buffer.concat(chunks));
}
