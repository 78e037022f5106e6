import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { OperationParams } from './execution/prepare-operation.js';

export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
}

export function isMultipart({ headers }: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

/**
 * Reads the parameters of a GET request, in place of Yoga, which says nothing that helps of broken ones. An empty
 * parameter counts as absent.
 * @throws GraphQLError
 */
export function readAddress({ url = '' }: IncomingMessage): GraphQLParams {
  const given = new URLSearchParams(url.split('?', 2)[1]);
  const params: GraphQLParams & { documentId?: string } = {};
  for (const name of ['query', 'operationName', 'documentId'] as const) {
    const text = given.get(name);
    if (text) params[name] = text;
  }
  for (const name of ['variables', 'extensions'] as const) {
    const text = given.get(name);
    if (text) params[name] = parseParam(name, text); // Their types are checked with those of bodies.
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
export function readJsonBody(
  req: IncomingMessage,
  maxBytes: number,
): Promise<GraphQLParams | GraphQLParams[]> {
  if (Number(req.headers['content-length']) > maxBytes) return Promise.reject(jsonTooLarge(maxBytes));
  return readText(req, maxBytes).then(parseParams);
}

/** By events, which cost a short body much less than an asynchronous iteration. */
function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) fail(jsonTooLarge(maxBytes));
    };
    const finish = () => {
      // Nothing comes after the end, so that the listener for it and that for data may stay.
      req.off('close', breakOff);
      resolve(chunks.length === 1 ? chunks[0]!.toString() : Buffer.concat(chunks, size).toString());
    };
    const breakOff = () => fail(brokenOff());
    const fail = (error: GraphQLError) => {
      req.off('data', take).off('end', finish).off('close', breakOff);
      reject(error);
    };
    req.on('data', take).on('end', finish).on('close', breakOff);
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
  return Array.isArray(params) ? params.map(withoutEmptyName) : withoutEmptyName(params);
}

/** Some clients send an empty name for none. */
export function withoutEmptyName<T extends object>(params: T): T {
  return typeOf(params) === 'object' && 'operationName' in params && params.operationName === ''
    ? { ...params, operationName: undefined }
    : params;
}

const NAMES: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

/**
 * Checks that parameters are those of GraphQL over HTTP and have their types, as Yoga does.
 * @throws GraphQLError that names the parameter
 */
export function checkParams(params: GraphQLParams): OperationParams {
  const given: Record<string, unknown> = { ...params };
  for (const name in given)
    if (given[name] != null && !NAMES.has(name))
      throw badRequest(`Unexpected parameter "${name}" in the request body.`);
  const { query, variables, operationName, extensions } = given;
  if (query == null) throw withoutQuery();
  if (typeof query !== 'string')
    throw badRequest(`Expected "query" param to be a string, but given ${typeOf(query)}.`);
  requireObject('variables', variables);
  requireObject('extensions', extensions);
  // No operation has a name that is no text: looking for it tells so.
  const checked = { query, operationName, variables };
  return checked as OperationParams;
}

function requireObject(name: string, value: unknown): void {
  if (value != null && typeOf(value) !== 'object')
    throw badRequest(`Expected "${name}" param to be empty or an object, but given ${typeOf(value)}.`);
}

export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function withoutQuery(): GraphQLError {
  return new GraphQLError('Must provide query string.', {
    extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } },
  });
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
