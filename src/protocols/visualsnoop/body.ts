import type { IncomingMessage } from 'node:http';
import { type StagedImage, type Staging, TooManyBytesError } from '../../services/staged-image.js';

/**
 * Stages the body of a request. When it is refused the connection stays open for the answer.
 * @throws TooManyBytesError at once when the Content-Length says so
 */
export async function stageBody(
  req: IncomingMessage,
  staging: Staging,
  maxBytes: number,
  signal: AbortSignal,
): Promise<StagedImage> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw new TooManyBytesError(maxBytes);
  return staging.stage(req.iterator({ destroyOnReturn: false }), { maxBytes, signal });
}

/**
 * Drops what is still to come of a body: clients write all of theirs before they read the answer, and their next
 * request waits behind it. What still comes after maxMs is cut off with the connection.
 */
export function discardBody(req: IncomingMessage, maxMs: number): void {
  if (req.readableEnded || req.destroyed) return;
  const timer = setTimeout(() => req.destroy(), maxMs).unref();
  req.once('close', () => clearTimeout(timer));
  req.on('error', () => {});
  req.resume();
}
