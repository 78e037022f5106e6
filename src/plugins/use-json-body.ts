import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { isMultipart } from './use-streaming-uploads.js';

export interface JsonBodyOptions {
  /** Of the whole body, in bytes; enough for small pictures in base64. */
  maxBytes: number;
}

/** Reads JSON bodies from the raw request, counting. Yoga's own limit would wrap the body in a stream that copies it. */
export function useJsonBody({ maxBytes }: JsonBodyOptions): Plugin<object, { req: IncomingMessage }> {
  return {
    onRequestParse({ request, serverContext: { req }, setRequestParser }) {
      if (request.method !== 'POST' || isMultipart(req.headers)) return;
      setRequestParser(async () => {
        if (!isJson(req.headers['content-type'])) throw unsupported();
        return parseParams(await readText(req, maxBytes));
      });
    },
  };
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}

async function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(req.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof GraphQLError) throw error;
    throw new DOMException('The client went before the end of its body.', 'AbortError');
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function parseParams(text: string): GraphQLParams {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    throw badRequest('The body is not JSON.');
  }
  if (typeof params !== 'object' || params === null)
    throw badRequest('The body must be a JSON object with a query.');
  return params; // Yoga refuses an array, whichever way it came.
}

function unsupported(): GraphQLError {
  return new GraphQLError('The body must be application/json or multipart/form-data.', {
    extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', http: { status: 415 } },
  });
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

function tooLarge(maxBytes: number): GraphQLError {
  return new GraphQLError(`The body is larger than ${maxBytes} bytes. Send pictures as multipart uploads.`, {
    extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413, headers: { connection: 'close' } } },
  });
}
