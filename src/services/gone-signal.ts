import type { ServerResponse } from 'node:http';

/** Aborts when the client goes before it has its answer. */
export function goneSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  // An abort makes an error with a stack, which would cost every answered request a fifth of its time.
  res.once('close', () => res.writableFinished || gone.abort());
  return gone.signal;
}
