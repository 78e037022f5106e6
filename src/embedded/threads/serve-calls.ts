import { parentPort } from 'node:worker_threads';
import { StorageError } from '../../services/storage-error.js';
import type { FromThread, StorageFailure, ToThread } from './call-thread.js';

/** @param reserve resolves once the call may use so many bytes of memory, in place of those it reserved before */
type Respond<ThreadCall, Result> = (
  call: ThreadCall,
  signal: AbortSignal,
  reserve: (bytes: number) => Promise<void>,
) => Promise<Result>;

/** Serves, in its thread, the calls of a CallThread until that is closed; `close` then releases what they needed. */
export function serveCalls<ThreadCall, Result>(
  respond: Respond<ThreadCall, Result>,
  close: () => void | Promise<void> = () => {},
): void {
  const running = new Map<number, { controller: AbortController; reserved: () => void }>();

  async function serve(id: number, call: ThreadCall): Promise<void> {
    const state = { controller: new AbortController(), reserved: () => {} };
    running.set(id, state);
    const reserve = (bytes: number) =>
      new Promise<void>((resolve) => {
        state.reserved = resolve;
        post({ type: 'RESERVE', id, bytes });
      });
    try {
      post({ type: 'RESULT', id, result: await respond(call, state.controller.signal, reserve) });
    } catch (error) {
      post({ type: 'ERROR', id, ...described(error) });
    } finally {
      running.delete(id);
    }
  }

  function post(message: FromThread<Result>): void {
    parentPort!.postMessage(message);
  }

  async function end(): Promise<void> {
    for (const { controller } of running.values()) controller.abort();
    await close();
    parentPort!.close();
  }

  parentPort!.on('message', (message: ToThread<ThreadCall>) => {
    switch (message.type) {
      case 'CALL':
        return void serve(message.id, message.call);
      case 'ABORT':
        return running.get(message.id)?.controller.abort();
      case 'RESERVED':
        return running.get(message.id)?.reserved();
      case 'CLOSE':
        return void end();
    }
  });
}

function described(error: unknown): { message: string; storage?: StorageFailure } {
  if (!(error instanceof StorageError)) return { message: String(error) };
  const { message, code, retryable, cause } = error;
  return { message: String(cause ?? error), storage: { message, code, retryable } };
}
