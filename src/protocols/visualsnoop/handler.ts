import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestOf } from '../../request/gateway-request.js';
import type { RequestSignals, SignalsOf } from '../../request/request-signals.js';
import type { Staging } from '../../services/staged-image.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../../services/storage-full.js';
import type { CollectionKeys, VisualSnoop } from '../../services/visualsnoop.js';
import { createAuthorizer } from './authorization.js';
import { discardBody, stageBody } from './body.js';
import { createCalls, parseQuery } from './calls.js';
import { type Answer, Refusal, sendAnswer, toRefusal } from './responses.js';

/** How long the rest of a refused body is still read, so that its sender comes to see the answer. */
const MAX_DISCARD_MS = 30_000;

export interface VisualSnoopWireOptions {
  visualsnoop: VisualSnoop;
  keys: CollectionKeys;
  staging: Staging;
  maxUploadBytes: number;
  signalsOf: SignalsOf;
  /** Now, in milliseconds since 1970: what the Date of a request is judged by. */
  clock?: () => number;
  /** Told of exceptions that are no ServiceError; the client learns nothing of them but the id of its request. */
  onError?: (error: unknown, requestId?: string) => void;
}

/**
 * Serves a VisualSnoop over the HTTP protocol of the original: for each request the path below the mount, still
 * percent-encoded. Every answer is JSON with `status` and `message`. The signature is checked before anything else,
 * and every request that fails it has the same answer; only one that is signed rightly is told of a wrong Date.
 */
export function createVisualSnoopWire({
  visualsnoop,
  keys,
  staging,
  maxUploadBytes,
  signalsOf,
  clock = Date.now,
  onError,
}: VisualSnoopWireOptions): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<void> {
  const authorize = createAuthorizer(keys, clock);
  const methodsAt = createCalls(visualsnoop);

  async function call(req: IncomingMessage, path: string, signals: RequestSignals): Promise<Answer> {
    const collectionId = await authorize(req, signals.reads('VISUALSNOOP'));
    const methods = methodsAt(path);
    const method = methods[req.method ?? ''];
    if (!method) {
      throw new Refusal(405, 'The path has no such method.', { Allow: Object.keys(methods).join(', ') });
    }
    const stage = () => stageBody(req, staging, maxUploadBytes, signals.gone);
    return method({ collectionId, query: parseQuery(req.url ?? ''), signals, stage });
  }

  function refuse(error: unknown, signal: AbortSignal): Refusal {
    const refusal = toRefusal(error);
    if (refusal) return refusal;
    onError?.(error, requestOf(signal)?.id);
    return isStorageFull(error)
      ? new Refusal(507, STORAGE_FULL_MESSAGE)
      : new Refusal(500, 'Something went wrong.');
  }

  return async (req, res, path) => {
    const signals = signalsOf(req, res);
    try {
      sendAnswer(res, await call(req, path, signals));
    } catch (error) {
      if (signals.gone.aborted) return;
      const { status, message, headers } = refuse(error, signals.gone);
      sendAnswer(res, { status, message }, headers);
      discardBody(req, MAX_DISCARD_MS);
    }
  };
}
