import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';

export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
}

/**
 * Reads the body of a GraphQL request, counting, and refuses one that is longer than so many bytes.
 * @returns parameters, or an array of such
 * @throws GraphQLError
 */
export async function readJsonBody(
  req: IncomingMessage,
  maxBytes: number,
): Promise<GraphQLParams | GraphQLParams[]> {
  if (Number(req.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  return parseParams(await readText(req, maxBytes));
}

/** By events, which cost a short body much less than an asynchronous iteration. */
function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) end(() => reject(tooLarge(maxBytes)));
    };
    const finish = () => end(() => resolve(Buffer.concat(chunks, size).toString()));
    const fail = () => end(() => reject(brokenOff()));
    const end = (settle: () => void) => {
      req.off('data', take).off('end', finish).off('close', fail);
      settle();
    };
    req.on('data', take).on('end', finish).on('close', fail);
  });
}

function parseParams(text: string): GraphQLParams | GraphQLParams[] {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    throw badRequest('The body is not JSON.');
  }
  if (typeof params !== 'object' || params === null)
    throw badRequest('The body must be a JSON object with a query.');
  return withoutEmptyName(params); // What is in it, Yoga checks.
}

/** Some clients send an empty name for none. */
export function withoutEmptyName<T extends GraphQLParams | GraphQLParams[]>(params: T): T {
  return 'operationName' in params && params.operationName === ''
    ? { ...params, operationName: undefined }
    : params;
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

function brokenOff(): GraphQLError {
  return badRequest('The body broke off.');
}

function tooLarge(maxBytes: number): GraphQLError {
  return new GraphQLError(`The body is larger than ${maxBytes} bytes. Send pictures as multipart uploads.`, {
    extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } },
  });
}
