import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ThreadRequest, ThreadResponse } from './protocol.js';

export interface CallThreadOptions {
  /** For messages of errors, such as `reader`. */
  name: string;
  /** The module that the thread runs; it serves the calls. */
  entry: URL;
  /** What the module finds as its `workerData`. */
  data: unknown;
  /** Told of each call at its end how long it took, waiting for the thread included. */
  onCall?: ((durationMs: number) => void) | undefined;
}

interface PendingCall<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * A thread that answers calls; `Answers` has for each name of a call what it is answered with. The thread starts with
 * the first call, and again with the next one should it die; the calls it had then fail. It keeps the process alive
 * only while it has calls.
 */
export class CallThread<Call extends { name: keyof Answers }, Answers> {
  readonly #options: CallThreadOptions;
  readonly #pending = new Map<number, PendingCall<Answers[keyof Answers]>>();
  #worker: Worker | undefined;
  #closed = false;
  #lastId = 0;

  constructor(options: CallThreadOptions) {
    this.#options = options;
  }

  /** @throws when the signal is aborted, the thread fails or dies over it, or is closed */
  async call<C extends Call>(call: C, signal: AbortSignal | undefined): Promise<Answers[C['name']]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error(`The ${this.#options.name} thread is closed.`);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    const post = (request: ThreadRequest<Call>) => worker.postMessage(request);
    let abort = () => {};
    const answer = new Promise<Answers[keyof Answers]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      abort = () => {
        post({ abort: id });
        reject(signal?.reason);
      };
    });
    signal?.addEventListener('abort', abort);
    worker.ref();
    const startedAt = performance.now();
    post({ id, call });
    try {
      // The protocol's word for it: each call is answered with its own kind of answer.
      return (await answer) as Answers[C['name']];
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) worker.unref();
      this.#options.onCall?.(performance.now() - startedAt);
    }
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#worker) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.ref();
    // Not terminate(): it would crash the whole process if libsql is at work in the thread.
    this.#worker.postMessage('close' satisfies ThreadRequest<Call>);
    await exit;
  }

  #start(): Worker {
    const { name, entry, data } = this.#options;
    const worker = new Worker(entry, { workerData: data });
    let cause: unknown;
    worker.on('message', (response: ThreadResponse<Answers[keyof Answers]>) => {
      const call = this.#pending.get(response.id);
      if ('error' in response) call?.reject(new Error(`The ${name} thread failed: ${response.error}`));
      else call?.resolve(response.answer);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#pending.values())
        reject(new Error(`The ${name} thread ended.`, { cause }));
    });
    return worker;
  }
}
