export { type Client, createClient } from './client.js';
export type { TypedDocument } from './document.js';
export { type GraphQLAnswerError, LookalikeError } from './errors.js';
export * from './generated.js';
export type {
  AbortSignalLike,
  BlobLike,
  FetchInit,
  FetchLike,
  FetchResponse,
  ReadableStreamLike,
} from './platform.js';
export type { ClientOptions, HeaderFields, Request, RequestArguments, RequestOptions } from './request.js';
export type { Tasks } from './tasks.js';
export type { Uploadable } from './upload.js';
