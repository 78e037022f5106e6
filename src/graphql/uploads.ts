import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { processRequest, Upload } from 'graphql-upload-ts';
import type { GraphQLParams } from 'graphql-yoga';
import { multipartSource } from './multipart-source.js';
import { withoutEmptyName } from './params.js';
import { malformedMultipart } from './schema/upload-fault.js';

export interface UploadOptions {
  /** Of one file, in bytes. */
  maxFileSize: number;
  /** In one request. */
  maxFiles: number;
  /** Of the operations and of the map, in bytes. */
  maxFieldSize: number;
}

/** Messages of graphql-js show a file that a variable holds so: else they would tell its inner fields. */
Object.assign(Upload.prototype, { toJSON: () => 'a file' });

/**
 * Reads the parameters of a GraphQL multipart request from Node's request, so that files stream into temporary files while
 * the operation runs. Yoga's own parser holds them in memory.
 * @throws GraphQLError
 */
export async function readMultipart(
  req: IncomingMessage,
  res: ServerResponse,
  options: UploadOptions,
): Promise<GraphQLParams> {
  const maxBytes = 2 * options.maxFieldSize + options.maxFiles * options.maxFileSize;
  if (Number(req.headers['content-length']) > maxBytes)
    throw tooLarge(`The body is larger than ${maxBytes} bytes.`);
  try {
    return withoutEmptyName(
      await processRequest<GraphQLParams>(multipartSource(req, res, options), res, options),
    );
  } catch (error) {
    throw asGraphQLError(error);
  }
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
