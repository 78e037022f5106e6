import type { AbortSignalLike, ReadableStreamLike } from './platform.js';
import { type ExtractedUploads, isBlob, isStream, type Uploadable } from './upload.js';

type Part = string | Uploadable;

/** The body and headers of a request with uploads. */
export interface MultipartBody {
  contentType: string;
  body: Blob | ReadableStream<Uint8Array>;
}

/** Encodes a GraphQL multipart request. Streams are sent as they come where the platform can do that, and collected elsewhere. */
export async function encodeMultipart(
  query: string,
  { variables, places }: ExtractedUploads,
  signal: AbortSignalLike | undefined,
): Promise<MultipartBody> {
  const boundary = `lookalike-${randomHex()}`;
  const map = Object.fromEntries([...places.values()].map((paths, index) => [index, paths]));
  const fields = { operations: { query, variables }, map };
  const parts: Part[] = [
    ...Object.entries(fields).map(
      ([name, value]) => `${head(boundary, name)}\r\n${JSON.stringify(value)}\r\n`,
    ),
    ...[...places.keys()].flatMap((upload, index) => [fileHead(boundary, index, upload), upload, '\r\n']),
    `--${boundary}--\r\n`,
  ];
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: await bodyOf(parts, signal) };
}

function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function head(boundary: string, name: string, more = ''): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n`;
}

function fileHead(boundary: string, index: number, upload: Uploadable): string {
  const { name = 'upload', type = '' } = isBlob(upload) ? upload : {};
  const filename = name.replace(/["\r\n]/g, encodeURIComponent);
  return `${head(boundary, String(index), `; filename="${filename}"`)}Content-Type: ${type || 'application/octet-stream'}\r\n\r\n`;
}

async function bodyOf(
  parts: readonly Part[],
  signal: AbortSignalLike | undefined,
): Promise<MultipartBody['body']> {
  // The platform's Blob takes all parts but streams, and reads them when it is sent.
  if (!parts.some((part) => typeof part === 'object' && isStream(part))) return new Blob(parts as BlobPart[]);
  const stream = concatenate(parts);
  // Not every fetch cancels the stream of an aborted request while it waits for a chunk; a pipe does.
  const abortable = signal
    ? stream.pipeThrough(new TransformStream(), { signal: signal as AbortSignal })
    : stream;
  return canSendStreams()
    ? abortable
    : new Response(abortable as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
}

/** Whether fetch sends streams. Browsers do so over HTTP/2 only, or not at all; servers over HTTP/1.1 too. */
function canSendStreams(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

function concatenate(parts: readonly Part[]): ReadableStream<Uint8Array> {
  const readers = parts.map(read);
  let current = 0;
  return new ReadableStream({
    async pull(controller) {
      for (; current < readers.length; current++) {
        const { done, value } = await readers[current]!.next();
        if (!done) return controller.enqueue(value);
      }
      controller.close();
    },
    async cancel() {
      await Promise.all(readers.map((reader) => reader.return?.()));
    },
  });
}

/** A reader rather than the stream's own iterator: not every browser has that, and it cannot be ended while it waits. */
function read(part: Part): AsyncIterator<Uint8Array> {
  if (typeof part === 'object' && 'getReader' in part) return readStream(part);
  if (typeof part === 'object' && Symbol.asyncIterator in part) return part[Symbol.asyncIterator]();
  return readStream(new Blob([part as BlobPart]).stream());
}

function readStream(stream: ReadableStreamLike): AsyncIterator<Uint8Array> {
  const reader = stream.getReader();
  const end = { done: true, value: undefined } as const;
  return {
    async next() {
      const { done, value } = await reader.read();
      return done || !value ? end : { done, value };
    },
    async return() {
      await reader.cancel();
      return end;
    },
  };
}
