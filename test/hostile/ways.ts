import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { multipartBody, multipartType } from '../fakes/multipart-body.js';
import { type RawRequest, rawRequest } from '../fakes/raw-request.js';

/** What a way of sending a picture was answered with: the status, and what the protocol says beside it. */
export interface Outcome {
  status: number;
  /** The type of a result, the code of an error, or the protocol's own words. */
  says: string;
}

/** The ways in which bytes come in. */
export type Way = 'multipart' | 'base64' | 'imgcache' | 'visualsnoop';
export const WAYS: readonly Way[] = ['multipart', 'base64', 'imgcache', 'visualsnoop'];

export interface Sender {
  /** The request that brings the bytes as a picture. */
  request(way: Way, bytes: Buffer): RawRequest;
  send(way: Way, bytes: Buffer): Promise<Outcome>;
}

const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on Error { message } } }';

/** Sends pictures to a gateway; those of the VisualSnoop protocol go to a collection of their own. */
export async function createSender(url: string): Promise<Sender> {
  const keys = await createCollection(url);
  let count = 0;
  const request = (way: Way, bytes: Buffer): RawRequest => {
    const source = { url: `https://x.example/${++count}`, clientName: 'hostile' };
    switch (way) {
      case 'multipart': {
        const variables = { input: { ...source, image: { upload: null } } };
        return multipart('/graphql', [
          { name: 'operations', value: JSON.stringify({ query: STORE, variables }) },
          { name: 'map', value: '{"0":["variables.input.image.upload"]}' },
          { name: '0', value: bytes, filename: 'a' },
        ]);
      }
      case 'base64': {
        const variables = { input: { ...source, image: { base64: bytes.toString('base64') } } };
        return json({ query: STORE, variables });
      }
      case 'imgcache':
        return multipart('/imgcache/images', [
          { name: 'url', value: source.url },
          { name: 'client_name', value: source.clientName },
          { name: 'file', value: bytes, filename: 'a' },
        ]);
      case 'visualsnoop':
        return signed(keys, bytes);
    }
  };
  return {
    request,
    send: async (way, bytes) => outcomeOf(await rawRequest(url, request(way, bytes))),
  };
}

export function outcomeOf({ status, body }: { status: number; body: Buffer }): Outcome {
  const answer = parse(body.toString());
  const { data, errors, detail, message, content_hash } = answer;
  const said = data?.storeEntry?.__typename ?? errors?.[0]?.extensions?.code ?? message ?? content_hash;
  return { status, says: said ?? (typeof detail === 'string' ? detail : (detail?.[0]?.type ?? '')) };
}

// biome-ignore lint/suspicious/noExplicitAny: the answers of four protocols.
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export function json(body: unknown): RawRequest {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', target: '/graphql', headers, body: Buffer.from(JSON.stringify(body)) };
}

export function multipart(target: string, parts: Parameters<typeof multipartBody>[0]): RawRequest {
  const headers = { 'content-type': multipartType(), 'apollo-require-preflight': '1' };
  return { method: 'POST', target, headers, body: multipartBody(parts) };
}

function signed(keys: KeyPair, body: Buffer): RawRequest {
  const target = '/visualsnoop/api/v1/image';
  const date = new Date().toUTCString();
  const authorization = formatAuthorization({ method: 'POST', path: target, date }, keys);
  const headers = { date, authorization, 'content-type': 'application/octet-stream' };
  return { method: 'POST', target, headers, body };
}

async function createCollection(url: string): Promise<KeyPair> {
  const query =
    'mutation { createCollection(input: { name: "hostile" }) { ... on CreateCollectionSuccess { publicKey secretKey } } }';
  const { body } = await rawRequest(url, json({ query }));
  return JSON.parse(body.toString()).data.createCollection;
}
