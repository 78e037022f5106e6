import type { IncomingMessage, ServerResponse } from 'node:http';
import { goneSignal } from '../gone-signal.js';
import type { Staging } from '../staged-image.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../storage-full.js';
import type { CollectionKeys, VisualSnoop } from './api.js';
import { type Answer, Refusal, sendAnswer, toRefusal } from './wire-answers.js';
import { createAuthorizer } from './wire-authorization.js';
import { discardBody, stageBody } from './wire-body.js';
import { createCalls, parseQuery } from './wire-calls.js';

/** How long the rest of a refused body is still read, so that its sender comes to see the answer. */
const MAX_DISCARD_MS = 30_000;

export interface VisualSnoopWireOptions {
  visualsnoop: VisualSnoop;
  keys: CollectionKeys;
  staging: Staging;
  maxUploadBytes: number;
  /** Now, in milliseconds since 1970: what the Date of a request is judged by. */
  clock?: () => number;
  /** Told of exceptions that are no ServiceError; the client learns nothing of them. */
  onError?: (error: unknown) => void;
}

/**
 * Serves a VisualSnoop over the HTTP protocol of the original: for each request the path below the mount, still
 * percent-encoded. Every answer is JSON with `status` and `message`. The signature is checked before anything else,
 * and every request that fails it has the same answer.
 */
export function createVisualSnoopWire({
  visualsnoop,
  keys,
  staging,
  maxUploadBytes,
  clock = Date.now,
  onError,
}: VisualSnoopWireOptions): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<void> {
  const findCollection = createAuthorizer(keys, clock);
  const methodsAt = createCalls(visualsnoop);

  async function call(req: IncomingMessage, path: string, signal: AbortSignal): Promise<Answer> {
    const collectionId = await findCollection(req);
    if (collectionId === null) {
      throw new Refusal(401, 'The request is not signed as VisualSnoop asks for.', {
        'WWW-Authenticate': 'VSHMAC',
      });
    }
    const methods = methodsAt(path);
    const method = methods[req.method ?? ''];
    if (!method) {
      throw new Refusal(405, 'The path has no such method.', { Allow: Object.keys(methods).join(', ') });
    }
    const stage = () => stageBody(req, staging, maxUploadBytes, signal);
    return method({ collectionId, query: parseQuery(req.url ?? ''), signal, stage });
  }

  function refuse(error: unknown): Refusal {
    const refusal = toRefusal(error);
    if (refusal) return refusal;
    onError?.(error);
    return isStorageFull(error)
      ? new Refusal(507, STORAGE_FULL_MESSAGE)
      : new Refusal(500, 'Something went wrong.');
  }

  return async (req, res, path) => {
    const signal = goneSignal(res);
    try {
      sendAnswer(res, await call(req, path, signal));
    } catch (error) {
      if (signal.aborted) return;
      const { status, message, headers } = refuse(error);
      sendAnswer(res, { status, message }, headers);
      discardBody(req, MAX_DISCARD_MS);
    }
  };
}
