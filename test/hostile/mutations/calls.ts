import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import type { Sent } from './headers.js';
import { signedHeaders, type World } from './world.js';

/** A request of imgcache's or VisualSnoop's protocol before it is written. */
export interface Call {
  world: World;
  method: string;
  mount: typeof IMGCACHE | typeof VISUALSNOOP;
  /** Of the path, decoded. */
  segments: string[];
  query: [name: string, value: string][];
  /** What is sent: a form, or bytes. */
  form?: FormPart[];
  bytes?: Buffer;
}

const IMGCACHE = '/imgcache';
export const VISUALSNOOP = '/visualsnoop/api/v1';

/** Valid requests of imgcache's protocol. Nothing is deleted: each of the others would find nothing then. */
export function imgcacheCalls(world: World): Call[] {
  const { contentHash, perceptualHash, url, picture } = world;
  const call = (method: string, path: string, query: Record<string, string> = {}): Call => ({
    world,
    method,
    mount: IMGCACHE,
    segments: path.split('/'),
    query: Object.entries(query),
  });
  const form = [
    { name: 'url', value: url },
    { name: 'client_name', value: 'hostile' },
    { name: 'lookup_time', value: '2024-01-01T12:00:00+02:00' },
    { name: 'file', value: picture, filename: 'image', type: 'application/octet-stream' },
  ];
  return [
    call('GET', 'health'),
    call('GET', `images/${contentHash}`),
    call('GET', `images/meta/${contentHash}`),
    call('GET', 'images/lookup', { url }),
    call('GET', 'images/search', { url_contains: 'example', limit: '3', offset: '0' }),
    call('GET', 'images/similar', { perceptual_hash: perceptualHash, max_hamming_distance: '4' }),
    { ...call('POST', 'images'), form },
    { ...call('POST', 'images'), form: form.filter(({ name }) => name !== 'lookup_time') },
    ...newerCalls(world, call, form),
  ];
}

/** Those of the newer protocol. */
function newerCalls(
  { blake3, contentHash, perceptualHash, url }: World,
  call: (method: string, path: string, query?: Record<string, string>) => Call,
  form: FormPart[],
): Call[] {
  const more = { content_hash: blake3, bucket: 'parts', prefix: 'a/b', meta: '{"a":[1,null]}' };
  return [
    call('GET', `cache/${blake3}`),
    call('GET', `cache/meta/${contentHash}`, { bucket: '', all_urls: 'true' }),
    call('GET', `cache/serve/${blake3}`, { bucket: '', prefix: 'a/b' }),
    call('HEAD', `cache/serve/${blake3}`),
    call('GET', 'cache/lookup', { url, max_age: '1000000' }),
    call('GET', 'cache/lookup', { url, version: blake3 }),
    call('GET', 'cache/search', { url_contains: 'example', bucket: '', limit: '3' }),
    call('GET', 'cache/similar', { perceptual_hash: perceptualHash, bucket: '' }),
    call('GET', 'cache/resolve', { url }),
    call('GET', 'browse', {
      ...{ bucket: '', client_name: 'hostile', q: 'example', limit: '2', order: 'asc' },
      ...{ date_from: '2024-01-01', date_to: '2999-01-01T00:00:00Z' },
    }),
    call('GET', 'browse/buckets'),
    call('GET', 'browse/prefixes', { bucket: 'parts' }),
    {
      ...call('POST', 'cache'),
      form: [...form, ...Object.entries(more).map(([name, value]) => ({ name, value }))],
    },
  ];
}

/** Valid requests of VisualSnoop's protocol. */
export function visualsnoopCalls(world: World): Call[] {
  const { imageId, picture } = world;
  const call = (method: string, segments: string[], bytes?: Buffer): Call => ({
    world,
    method,
    mount: VISUALSNOOP,
    segments,
    query: [],
    ...(bytes && { bytes }),
  });
  return [
    { ...call('GET', ['collection']), query: [['session', 'init']] },
    { ...call('GET', ['images']), query: Object.entries({ start: imageId, count: '5' }) },
    call('GET', ['image', imageId]),
    call('GET', ['search', imageId]),
    call('POST', ['search'], picture),
    call('PUT', ['image', 'd'], picture),
    call('PUT', ['image', 'a b/c'], picture),
    call('POST', ['image'], picture),
  ];
}

/** The call as a request; signed where the protocol asks for that. */
export function writtenCall({ world, method, mount, segments, query, form, bytes }: Call): Sent {
  const path = [mount, ...segments.map(escaped)].join('/');
  // Node takes no longer head.
  const target = (query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path).slice(0, 250_000);
  const body = form ? multipartBody(form) : bytes;
  return {
    method,
    target,
    headers: {
      ...(form && { 'content-type': multipartType() }),
      ...(mount === VISUALSNOOP && signedHeaders(method, target, world.keys)),
    },
    ...(body && { body }),
  };
}

/** A lone surrogate has no UTF-8; what comes in its place is none either. */
function escaped(segment: string): string {
  const text = encodeURIComponent(segment.toWellFormed());
  return segment.isWellFormed() ? text : `${text}%ED%A0%80`;
}
