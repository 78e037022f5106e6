import type { TypedDocument } from './document.js';
import { type GraphQLAnswerError, LookalikeError } from './errors.js';
import { encodeMultipart } from './multipart-request.js';
import type { AbortSignalLike, FetchLike } from './platform.js';
import { extractUploads } from './upload.js';

export type HeaderFields = Readonly<Record<string, string>>;

export interface ClientOptions {
  /** The address of the graph, such as `http://127.0.0.1:4000/graphql`. A page may give it relative to itself. */
  url: string;
  /** Headers of every request; a function is called before each one. */
  headers?: HeaderFields | (() => HeaderFields | Promise<HeaderFields>) | undefined;
  /**
   * Sends the requests.
   * @default the platform's fetch
   */
  fetch?: FetchLike | undefined;
}

export interface RequestOptions {
  /** Ends the request, which then rejects with the signal's reason, as fetch does. */
  signal?: AbortSignalLike | undefined;
  /**
   * Gets the error of a response with data and errors, whose data the request then resolves to, with null where something
   * failed. A response without any data rejects.
   * @default a response with errors rejects
   */
  onPartial?: ((error: LookalikeError) => void) | undefined;
}

/** The arguments after the document: the variables, unless none of them is required, and the options. */
export type RequestArguments<Variables> =
  Record<never, never> extends Variables
    ? [variables?: Variables, options?: RequestOptions]
    : [variables: Variables, options?: RequestOptions];

/**
 * Sends a document.
 * @returns the data of the response
 * @throws {LookalikeError} when there is no response, or one with errors
 */
export type Request = <Result, Variables>(
  document: TypedDocument<Result, Variables> | string,
  ...args: RequestArguments<NoInfer<Variables>>
) => Promise<Result>;

export function createRequest({
  url,
  headers,
  fetch = (...args) => globalThis.fetch(...args),
}: ClientOptions): Request {
  return async <Result, Variables>(
    document: string,
    ...[variables, { signal, onPartial } = {}]: RequestArguments<Variables>
  ) => {
    const given = typeof headers === 'function' ? await headers() : headers;
    const response = await send(fetch, url, given, document, variables, signal);
    return readResponse(response, onPartial) as Result;
  };
}

interface HttpResponse {
  status: number;
  text: string;
}

async function send(
  fetch: FetchLike,
  url: string,
  headers: HeaderFields | undefined,
  query: string,
  variables: unknown,
  signal: AbortSignalLike | undefined,
): Promise<HttpResponse> {
  try {
    const { body, ...content } = await encode(query, variables, signal);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        ...headers,
        ...content.headers,
      },
      body,
      ...(signal && { signal }),
      ...(typeof body === 'object' && 'getReader' in body && { duplex: 'half' }),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new LookalikeError('NETWORK_ERROR', `No response from ${url}.${originHint(url)}`, { cause });
  }
}

/** To a page, a response that it may not read looks like none. */
function originHint(url: string): string {
  const { location } = globalThis as { location?: { href: string; origin: string } };
  if (!location || !URL.canParse(url, location.href)) return '';
  if (new URL(url, location.href).origin === location.origin) return '';
  return ` This page is of another origin: is the gateway started with LOOKALIKE_CORS_ORIGINS=${location.origin}?`;
}

async function encode(query: string, given: unknown, signal: AbortSignalLike | undefined) {
  const { variables, places } = extractUploads(given);
  if (places.size === 0)
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) };
  const { contentType, body } = await encodeMultipart(query, { variables, places }, signal);
  // A form on any page could send this content type; no form could send the other header.
  return { headers: { 'content-type': contentType, 'apollo-require-preflight': 'true' }, body };
}

function readResponse({ status, text }: HttpResponse, onPartial: RequestOptions['onPartial']): unknown {
  const response = parseResponse(text);
  if (!response)
    throw new LookalikeError('BAD_RESPONSE', `Status ${status}, and no GraphQL answer.`, { status });
  const { data, errors = [] } = response;
  const [first] = errors;
  if (!first) return data;
  const code = first.extensions?.code ?? 'GRAPHQL_ERROR';
  const error = new LookalikeError(code, first.message, { status, errors, data });
  const hasData = Object.values(data ?? {}).some((value) => value !== null);
  if (!hasData || !onPartial) throw error;
  onPartial(error);
  return data;
}

interface GraphQLResponse {
  data?: object | null;
  errors?: GraphQLAnswerError[];
}

function parseResponse(text: string): GraphQLResponse | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { data, errors } = value as GraphQLResponse;
    return data || errors?.length ? (value as GraphQLResponse) : undefined;
  } catch {
    return undefined;
  }
}
