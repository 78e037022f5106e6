import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectedError, HttpError, unexpectedError } from '../../http/errors.js';
import type { RequestScope } from '../../request/request-scope.js';
import { type StagedImage, type Staging, TooManyBytesError } from '../../services/staged-image.js';
import type { CollectionKeys, VisualSnoop } from '../../services/visualsnoop.js';
import { createAuthorizer } from './authorization.js';
import { createOperations, parseQuery } from './operations.js';
import { type ResponseBody, respond } from './responses.js';

export interface VisualSnoopWireOptions {
  visualsnoop: VisualSnoop;
  keys: CollectionKeys;
  staging: Staging;
  maxUploadBytes: number;
  /**
   * The time that the Date of a request is compared with, in milliseconds since 1970.
   * @default Date.now
   */
  clock?: () => number;
  /** Gets the errors that nobody expects; the client learns nothing of them but the id of its request. */
  onError?: (error: unknown, requestId?: string) => void;
}

/** @param path the still percent-encoded path below the mount, starting with a slash */
export type VisualSnoopWire = (
  req: IncomingMessage,
  res: ServerResponse,
  scope: RequestScope,
  path: string,
) => Promise<void>;

/**
 * Serves a VisualSnoop over the HTTP protocol of the original: for each request the path below the mount, still
 * percent-encoded. Every response is JSON with `status` and `message`. The signature is checked before anything else,
 * and every request that fails it has the same response; only one that is signed rightly is told of a wrong Date.
 */
export function createVisualSnoopWire({
  visualsnoop,
  keys,
  staging,
  maxUploadBytes,
  clock = Date.now,
  onError,
}: VisualSnoopWireOptions): VisualSnoopWire {
  const authorize = createAuthorizer(keys, clock);
  const operationsAt = createOperations(visualsnoop);

  async function serve(req: IncomingMessage, path: string, scope: RequestScope): Promise<ResponseBody> {
    const collectionId = await authorize(req, scope.reads('VISUALSNOOP'));
    const operations = operationsAt(path);
    const operation = operations[req.method ?? ''];
    if (!operation) {
      throw new HttpError(405, 'The path has no such method.', { Allow: Object.keys(operations).join(', ') });
    }
    const stage = () => stageBody(req, staging, maxUploadBytes, scope.gone);
    return operation({ collectionId, query: parseQuery(req.url ?? ''), scope, stage });
  }

  return async (req, res, scope, path) => {
    try {
      respond(res, await serve(req, path, scope));
    } catch (error) {
      if (scope.gone.aborted) return;
      const expected = expectedError(error);
      if (!expected) onError?.(error, scope.id);
      const { status, message, headers } = expected ?? unexpectedError(error, 'Something went wrong.');
      respond(res, { status, message }, headers);
    }
  };
}

/**
 * Stages the body of a request. When it is refused the connection stays open for the response.
 * @throws TooManyBytesError at once when the Content-Length says so
 */
async function stageBody(
  req: IncomingMessage,
  staging: Staging,
  maxBytes: number,
  signal: AbortSignal,
): Promise<StagedImage> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw new TooManyBytesError(maxBytes);
  return staging.stage(req.iterator({ destroyOnReturn: false }), { maxBytes, signal });
}
