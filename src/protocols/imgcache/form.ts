import type { IncomingMessage } from 'node:http';
import { HttpError } from '../../http/errors.js';
import type { RequestScope } from '../../request/request-scope.js';
import { bucketProblem } from '../../services/bucket.js';
import type { EntryOrigin } from '../../services/imgcache.js';
import type { StagedImage, Staging } from '../../services/staged-image.js';
import { isStorable } from '../../services/storable-text.js';
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
import { parseLookupTime } from './times.js';

const DEFAULT_FILENAME = 'image';
const MAX_FIELD_BYTES = 1_048_576;
const MAX_PARTS_OF_A_KIND = 1000;
const MAX_URL_LENGTH = 65_536;

interface Receiving {
  staging: Staging;
  maxUploadBytes: number;
  scope: RequestScope;
}

/** A received form of POST /images. Of a field that is given twice, the last one counts. */
export class StoreForm implements AsyncDisposable {
  readonly #texts = new Map<string, string>();
  #image: StagedImage | undefined;
  #filename: string | undefined;

  /**
   * Receives a whole request body; the file goes straight to staging.
   *
   * @throws HttpError 400, and 413 for a form without a file
   * @throws TooManyBytesError
   */
  static async receive(req: IncomingMessage, receiving: Receiving): Promise<StoreForm> {
    const form = new StoreForm();
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
   * The image to store, and its origin; the form keeps owning the image.
   *
   * @throws InvalidFields
   */
  read(): { image: StagedImage; origin: EntryOrigin; bucket: string | undefined } {
    const problems: FieldProblem[] = [];
    const image = this.#readFile(problems);
    const url = this.#readText('url', problems, MAX_URL_LENGTH);
    const clientName = this.#readText('client_name', problems);
    const lookupTime = this.#readLookupTime(problems);
    const filename = this.#readFilename(problems);
    const bucket = this.#texts.get('bucket');
    const problem = bucket === undefined ? null : bucketProblem(bucket);
    if (problem !== null) problems.push(badValue(['body', 'bucket'], bucket!, `The bucket ${problem}`));
    if (!image || problems.length > 0) throw new InvalidFields(problems);
    return {
      image,
      bucket,
      origin: { url, clientName, ...(lookupTime && { lookupTime }), ...(filename && { filename }) },
    };
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
    if (KNOWN_FIELDS.has(name)) this.#texts.set(name, text);
  }

  async #setImage(image: StagedImage | undefined, filename?: string): Promise<void> {
    const former = this.#image;
    this.#image = image;
    this.#filename = filename;
    await former?.[Symbol.asyncDispose]();
  }

  #readFile(problems: FieldProblem[]): StagedImage | undefined {
    const loc: FieldPlace = ['body', 'file'];
    const text = this.#texts.get('file');
    if (!this.#image)
      problems.push(
        text === undefined
          ? missing(loc)
          : badValue(loc, text, "Expected UploadFile, received: <class 'str'>"),
      );
    return this.#image;
  }

  #readText(name: string, problems: FieldProblem[], maxLength = Number.POSITIVE_INFINITY): string {
    const loc: FieldPlace = ['body', name];
    const text = this.#texts.get(name);
    if (text === undefined) problems.push(missing(loc));
    else if (text.length > maxLength) problems.push(tooLong(loc, text, maxLength));
    else if (!isStorable(text)) problems.push(unstorable(loc, text));
    return text ?? '';
  }

  /** The name of the file; none where it is the default name that the original client sends. */
  #readFilename(problems: FieldProblem[]): string | undefined {
    const filename = this.#filename ?? '';
    if (!isStorable(filename)) problems.push(unstorable(['body', 'file'], filename));
    return filename === '' || filename === DEFAULT_FILENAME ? undefined : filename;
  }

  #readLookupTime(problems: FieldProblem[]): string | undefined {
    const text = this.#texts.get('lookup_time');
    if (!text) return undefined;
    const time = parseLookupTime(text);
    if (time === null) problems.push(notATime(['body', 'lookup_time'], text));
    return time ?? undefined;
  }
}

const KNOWN_FIELDS = new Set(['file', 'url', 'client_name', 'lookup_time', 'bucket']);

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
