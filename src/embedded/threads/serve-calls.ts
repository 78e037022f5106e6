import { parentPort } from 'node:worker_threads';
import type { ThreadRequest, ThreadResponse } from './protocol.js';

/** Serves, in its thread, the calls of a CallThread until that is closed; `close` then releases what they needed. */
export function serveCalls<Call, Answer>(
  answer: (call: Call, signal: AbortSignal) => Promise<Answer>,
  close: () => void,
): void {
  const running = new Map<number, AbortController>();

  async function respond(id: number, call: Call): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      post({ id, answer: await answer(call, controller.signal) });
    } catch (error) {
      if (!controller.signal.aborted) post({ id, error: String(error) });
    } finally {
      running.delete(id);
    }
  }

  function post(response: ThreadResponse<Answer>): void {
    parentPort!.postMessage(response);
  }

  function end(): void {
    for (const controller of running.values()) controller.abort();
    close();
    parentPort!.close();
  }

  parentPort!.on('message', (request: ThreadRequest<Call>) => {
    if (request === 'close') end();
    else if ('abort' in request) running.get(request.abort)?.abort();
    else void respond(request.id, request.call);
  });
}
