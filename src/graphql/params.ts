import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';

export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
}

export function isMultipart({ headers }: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

/**
 * Reads the parameters of a GET request, in place of Yoga, which says nothing that helps of broken ones. An empty
 * parameter counts as absent.
 */
export function readAddress(given: URLSearchParams): GraphQLParams {
  const params: GraphQLParams = {};
  for (const name of ['query', 'operationName'] as const) {
    const text = given.get(name);
    if (text) params[name] = text;
  }
  for (const name of ['variables', 'extensions'] as const) {
    const text = given.get(name);
    if (text) params[name] = parseParam(name, text); // Yoga checks its type.
  }
  return params;
}

function parseParam(name: string, text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`The parameter ${name} of the address is not JSON.`);
  }
}

/**
 * Reads a JSON body from Node's request, in place of Yoga, whose own limit would wrap the body in a stream that copies it.
 * @param maxBytes of the whole body
 * @returns parameters, or an array of such
 * @throws GraphQLError
 */
export async function readJsonBody(
  req: IncomingMessage,
  maxBytes: number,
): Promise<GraphQLParams | GraphQLParams[]> {
  if (Number(req.headers['content-length']) > maxBytes) throw jsonTooLarge(maxBytes);
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
      if (size > maxBytes) end(() => reject(jsonTooLarge(maxBytes)));
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
  return withoutEmptyName(params); // Yoga checks their types.
}

/** Some clients send an empty name for none. */
export function withoutEmptyName<T extends GraphQLParams | GraphQLParams[]>(params: T): T {
  return 'operationName' in params && params.operationName === ''
    ? { ...params, operationName: undefined }
    : params;
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

function brokenOff(): GraphQLError {
  return badRequest('The body broke off.');
}

export function unsupportedMediaType(): GraphQLError {
  return new GraphQLError('The body must be application/json or multipart/form-data.', {
    extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', http: { status: 415 } },
  });
}

function jsonTooLarge(maxBytes: number): GraphQLError {
  return tooLarge(`The body is larger than ${maxBytes} bytes. Send pictures as multipart uploads.`);
}

export function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } } });
}
