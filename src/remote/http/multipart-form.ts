import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { RequestBody } from './client.js';

/** The one file of a form. */
export interface FilePart {
  name: string;
  filename: string;
  contentType: string;
  /** In bytes. */
  size: number;
  open(): Readable;
}

export interface MultipartForm extends RequestBody {
  /** The Content-Type header, with the boundary. */
  contentType: string;
}

/**
 * A form of text fields and, last, one file, which is streamed. Its length is known beforehand, and each try of a call can
 * read it anew.
 */
export function multipartForm(
  fields: readonly (readonly [name: string, value: string])[],
  file: FilePart,
): MultipartForm {
  const boundary = randomBytes(16).toString('hex');
  const texts = fields.map(([name, value]) => `--${boundary}\r\n${disposition(name)}\r\n\r\n${value}\r\n`);
  const fileHead = `--${boundary}\r\n${disposition(file.name, file.filename)}\r\nContent-Type: ${file.contentType}\r\n\r\n`;
  const head = Buffer.from(texts.join('') + fileHead);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* file.open();
    yield tail;
  }

  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: head.length + file.size + tail.length,
    open: () => Readable.from(bytes(), { objectMode: false }),
  };
}

function disposition(name: string, filename?: string): string {
  const field = `Content-Disposition: form-data; name=${quote(name)}`;
  if (filename === undefined) return field;
  const exactly = AMBIGUOUS.test(filename) ? `; filename*=UTF-8''${percentEncoded(filename)}` : '';
  return `${field}; filename=${quote(filename)}${exactly}`;
}

/** Characters that a quoted name does not keep with every reader: they are an escape to some and themselves to others. */
const AMBIGUOUS = /["\\\r\n]|%(?:22|0D|0A)/i;

/** Encodes a file name for its long form, `filename*`, by RFC 8187. */
function percentEncoded(text: string): string {
  const rest = (code: string) => `%${code.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/['()*]/g, rest);
}

/** Quotes a name as browsers do, by RFC 7578: it percent-encodes the characters that would end the name, and no others. */
function quote(name: string): string {
  return `"${name.replace(/["\r\n]/g, encodeURIComponent)}"`;
}
