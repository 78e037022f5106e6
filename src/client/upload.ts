import type { BlobLike, ReadableStreamLike } from './platform.js';

/** The bytes of an upload: a File, a Blob, a Uint8Array, a ReadableStream or anything that yields Uint8Arrays. */
export type Uploadable = BlobLike | Uint8Array | ReadableStreamLike | AsyncIterable<Uint8Array>;

/** Variables with null in the places of their uploads. */
export interface ExtractedUploads {
  variables: unknown;
  /** Each upload with its places, such as `variables.input.image.upload`. */
  places: Map<Uploadable, string[]>;
}

/** Takes the uploads out of variables, as a GraphQL multipart request sends them beside the others. */
export function extractUploads(variables: unknown): ExtractedUploads {
  const places = new Map<Uploadable, string[]>();
  const extract = (value: unknown, place: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (isUploadable(value)) {
      places.set(value, [...(places.get(value) ?? []), place]);
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => extract(item, `${place}.${index}`));
    if ('toJSON' in value) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, extract(item, `${place}.${name}`)]),
    );
  };
  return { variables: extract(variables, 'variables'), places };
}

function isUploadable(value: object): value is Uploadable {
  return value instanceof Uint8Array || isBlob(value) || isStream(value);
}

export function isBlob(value: object): value is BlobLike {
  return 'arrayBuffer' in value && 'size' in value;
}

export function isStream(value: object): value is ReadableStreamLike | AsyncIterable<Uint8Array> {
  return 'getReader' in value || Symbol.asyncIterator in value;
}
