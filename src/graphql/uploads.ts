import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { processRequest, Upload } from 'graphql-upload-ts';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { withoutEmptyName } from './json-body.js';
import { multipartSource } from './multipart-source.js';
import { isMalformedMultipart, malformedMultipart } from './schema/upload-fault.js';

export interface StreamingUploadsOptions {
  /** Of one file, in bytes. */
  maxFileSize: number;
  /** In one request. */
  maxFiles: number;
  /** Of the operations and of the map, in bytes. */
  maxFieldSize: number;
}

/** What messages of graphql-js show of a file that a variable holds: else they would tell its inner fields. */
Object.assign(Upload.prototype, { toJSON: () => 'a file' });

/**
 * Parses GraphQL multipart requests from the raw Node request, so that files stream into temporary files while the
 * operation runs. Yoga's own parser holds them in memory.
 */
export function useStreamingUploads(
  options: StreamingUploadsOptions,
): Plugin<object, { req: IncomingMessage; res: ServerResponse }> {
  const maxBytes = 2 * options.maxFieldSize + options.maxFiles * options.maxFileSize;
  return {
    onRequestParse({ request, serverContext: { req, res }, setRequestParser }) {
      if (request.method !== 'POST' || !isMultipart(req.headers)) return;
      setRequestParser(async () => {
        if (Number(req.headers['content-length']) > maxBytes)
          throw tooLarge(`The body is larger than ${maxBytes} bytes.`);
        try {
          return withoutEmptyName(
            await processRequest<GraphQLParams>(multipartSource(req, res, options), res, options),
          );
        } catch (error) {
          throw asGraphQLError(error);
        }
      });
    },
    // A body that turns out to be broken while a resolver reads it is as bad as one that never began.
    onExecutionResult({ result, setResult }) {
      if (!result || Symbol.asyncIterator in result) return;
      const malformed = result.errors?.filter(isMalformedMultipart);
      if (malformed?.length)
        setResult({ errors: malformed.map(({ message }) => malformedMultipart(message)) });
    },
  };
}

export function isMultipart({ 'content-type': contentType }: IncomingHttpHeaders): boolean {
  return /^multipart\/form-data\b/i.test(contentType ?? '');
}

function asGraphQLError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { status = 400 } = error as Error & { status?: number };
  if (status === 413) return tooLarge(error.message);
  return status < 500 ? malformedMultipart(error.message) : error;
}

function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } },
  });
}
