import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { multipart, post } from '../harness/gateway.js';

/** A collection with what its old protocol is signed with. */
export interface KeyedCollection extends KeyPair {
  collectionId: string;
}

export interface WireResponse {
  status: number;
  bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: each call knows what it asked for.
  json(): any;
}

const VISUALSNOOP = '/visualsnoop/api/v1';

/** Speaks to one gateway by all its faces. Whatever is no response to the question fails. */
export class GatewayClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The data of a response without errors. */
  // biome-ignore lint/suspicious/noExplicitAny: each call knows what it asked for.
  async query(query: string, variables: object): Promise<any> {
    const body = JSON.stringify({ query, variables });
    const { data, errors } = await post(this.#url, body, { 'content-type': 'application/json' });
    if (errors || !data) throw new UnexpectedResponse(query, errors);
    return data;
  }

  /** Makes a mutation. @returns the member of its union, whichever it is */
  async mutate(
    name: string,
    input: object,
    fields: string,
    image?: Buffer<ArrayBuffer>,
    // biome-ignore lint/suspicious/noExplicitAny: each call knows what it asked for.
  ): Promise<any> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) {
      ${name}(input: $input) { __typename ... on Error { message } ... on ${type}Success { ${fields} } }
    }`;
    if (!image) return (await this.query(query, { input }))[name];
    const body = multipart(
      query,
      { input: { ...input, image: { upload: null } } },
      { 'input.image.upload': image },
    );
    const { data, errors } = await post(this.#url, body, { 'apollo-require-preflight': '1' });
    if (errors || !data) throw new UnexpectedResponse(name, errors);
    return data[name];
  }

  /** The same, which fails unless it succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: each call knows what it asked for.
  async change(name: string, input: object, fields: string, image?: Buffer<ArrayBuffer>): Promise<any> {
    const result = await this.mutate(name, input, fields, image);
    if (!result.__typename.endsWith('Success')) throw new UnexpectedResponse(name, result);
    return result;
  }

  /** A request of any kind; only such statuses as say something of what is there. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<WireResponse> {
    const response = await fetch(this.#url + path, { method, ...init });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { status } = response;
    if (status >= 300 && status !== 404 && status !== 409)
      throw new UnexpectedResponse(`${method} ${path}`, `${status} ${bytes}`);
    return { status, bytes, json: () => JSON.parse(bytes.toString()) };
  }

  /** A request of imgcache's old protocol. */
  imgcache(method: string, path: string, query: Record<string, string> = {}, body?: FormData) {
    const target = `/imgcache${path}?${new URLSearchParams(query)}`;
    return this.request(method, target, body ? { body } : {});
  }

  /** A request of VisualSnoop's old protocol. */
  visualsnoop(
    keys: KeyPair,
    method: string,
    path: string,
    { query = '', body }: { query?: string; body?: Buffer<ArrayBuffer> } = {},
  ): Promise<WireResponse> {
    const date = new Date().toUTCString();
    const authorization = formatAuthorization({ method, path: VISUALSNOOP + path, date }, keys);
    const init = { headers: { date, authorization }, ...(body && { body }) };
    return this.request(method, `${VISUALSNOOP}${path}${query}`, init);
  }
}

export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse';

  constructor(what: string, response: unknown) {
    super(`${what}: ${typeof response === 'string' ? response : JSON.stringify(response)}`);
  }
}
