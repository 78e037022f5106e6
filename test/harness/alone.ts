import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestScope } from '#src/request/request-scope.js';

type ScopedFace<T> = (req: IncomingMessage, res: ServerResponse, scope: RequestScope, path: string) => T;

/** Serves a face of the gateway by itself: each request has a scope of its own, which has no deadline. */
export function alone<T>(
  face: ScopedFace<T>,
): (req: IncomingMessage, res: ServerResponse, path: string) => T {
  return (req, res, path) => face(req, res, new RequestScope(req, res, { id: 'alone' }), path);
}
