import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '../../http/errors.js';
import type { RequestScope } from '../../request/request-scope.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import type { WireMetrics } from './metrics.js';

/** A request, and all that an operation needs to serve it. */
export interface WireRequest {
  imgcache: ImgCache;
  staging: Staging;
  maxUploadBytes: number;
  metrics: WireMetrics;
  req: IncomingMessage;
  res: ServerResponse;
  scope: RequestScope;
  /** The path that the protocol is served below, without a slash at the end. */
  mount: string;
  /** The segment of the path that names an image; empty where there is none. */
  segment: string;
}

export type Operation = (request: WireRequest) => void | Promise<void>;

export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Matched against the decoded path. */
  path: RegExp;
  operation: Operation;
}

/** Says of an image that it is not there, in the words of both originals. */
export const notFound = () => new HttpError(404, 'Not found');

/** A response has the URLs of an entry unless they are more: a picture can be at a million of them. */
export const MAX_TOLD_URLS = 10;
