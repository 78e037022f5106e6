import type { ExecutionResult, GraphQLError } from 'graphql';
import type { GraphMediaType } from '../http/accepted-media-type.js';
import { codingFor, encode } from '../http/content-coding.js';
import { isKnown, weakEtag } from '../http/etag.js';
import { methodOf } from './request.js';
import type { NodeContext } from './steps.js';

/** The media types of responses that come as a whole. */
export type JsonMediaType = 'application/json' | 'application/graphql-response+json';

export function isJsonType(mediaType: GraphMediaType): mediaType is JsonMediaType {
  return mediaType === 'application/json' || mediaType === 'application/graphql-response+json';
}

/** The `http` extension of an error, on the response that it comes in. Yoga's own errors have it too. */
interface HttpExtensions {
  status?: number;
  headers?: Record<string, string>;
  /** Stands in the specification of GraphQL over HTTP, which leaves clients of application/json their 200. */
  spec?: boolean;
}

/** Sends a result, or those of a batch, of which a failure is one of its operation and not of the response. */
export async function sendResult(
  context: NodeContext,
  result: ExecutionResult | readonly ExecutionResult[],
  mediaType: JsonMediaType,
): Promise<void> {
  const { res } = context;
  if (isBatch(result)) return send(context, { status: 200, mediaType, shown: result.map(withoutHttp) });
  const { errors = [] } = result;
  for (const error of errors)
    for (const [name, value] of Object.entries(httpOf(error)?.headers ?? {})) res.setHeader(name, value);
  return send(context, { status: statusOf(errors, mediaType), mediaType, shown: withoutHttp(result) });
}

interface JsonResponse {
  status: number;
  mediaType: JsonMediaType;
  shown: unknown;
}

async function send(context: NodeContext, { status, mediaType, shown }: JsonResponse): Promise<void> {
  const { req, res } = context;
  const text = JSON.stringify(shown);
  const size = Buffer.byteLength(text);
  const isRead = methodOf(req) === 'GET';
  setVary(context);
  if (isRead) res.setHeader('cache-control', context.scope.caller ? 'private, no-cache' : 'no-cache');
  if (isRead && status === 200) {
    const etag = weakEtag(mediaType, text);
    res.setHeader('etag', etag);
    if (isKnown(req, etag)) return void res.writeHead(304).end();
  }
  const contentType = `${mediaType}; charset=utf-8`;
  const coding = codingFor(req, size);
  if (coding === 'identity') {
    res.writeHead(status, { 'content-type': contentType, 'content-length': size });
    // As a text it goes out in one piece with the head.
    return void res.end(text);
  }
  const body = await encode(Buffer.from(text), coding);
  if (res.destroyed) return;
  res.setHeader('content-encoding', coding);
  res.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
  res.end(body);
}

/** Names the headers that the response depends on; `Origin` may be there already. */
function setVary({ res, scope }: NodeContext): void {
  const vary = scope.caller ? 'Accept, Accept-Encoding, Authorization, X-API-Key' : 'Accept, Accept-Encoding';
  const before = res.getHeader('vary');
  res.setHeader('vary', before ? `${before}, ${vary}` : vary);
}

function isBatch(result: ExecutionResult | readonly ExecutionResult[]): result is readonly ExecutionResult[] {
  return Array.isArray(result);
}

function statusOf(errors: readonly GraphQLError[], mediaType: JsonMediaType): number {
  let highest = 0;
  for (const error of errors) {
    const { status = 0, spec } = httpOf(error) ?? {};
    if (!spec || mediaType !== 'application/json') highest = Math.max(highest, status);
  }
  return highest || 200;
}

function withoutHttp(result: ExecutionResult): object {
  const { errors = [] } = result;
  return errors.length === 0 ? result : { ...result, errors: errors.map(errorWithoutHttp) };
}

function errorWithoutHttp(error: GraphQLError): object {
  const { extensions, ...shown } = error.toJSON();
  const { http: _, ...rest } = extensions ?? {};
  return Object.keys(rest).length > 0 ? { ...shown, extensions: rest } : shown;
}

function httpOf({ extensions }: GraphQLError): HttpExtensions | undefined {
  return extensions.http as HttpExtensions | undefined;
}
