import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StorageError } from '../../services/storage-error.js';

/** From the main thread: a call, the abort of one, the permit that one asked for, or the end of the thread. */
export type ToThread<ThreadCall> =
  | { type: 'CALL'; id: number; call: ThreadCall }
  | { type: 'ABORT'; id: number }
  | { type: 'RESERVED'; id: number }
  | { type: 'CLOSE' };

/** From a thread: a call's request for memory, the one response that every call gets, also an aborted one, and notices. */
export type FromThread<Result, Notice = never> =
  | { type: 'NOTICE'; notice: Notice }
  | { type: 'RESERVE'; id: number; bytes: number }
  | { type: 'RESULT'; id: number; result: Result }
  | { type: 'ERROR'; id: number; message: string; storage?: StorageFailure };

/** A StorageError on its way: threads hand over no classes. */
export type StorageFailure = Pick<StorageError, 'message' | 'code' | 'retryable'>;

export interface CallThreadOptions<ThreadCall, Notice = never> {
  /** For messages of errors, such as `reader`. */
  name: string;
  /** The module that the thread runs; it serves the calls. */
  entry: URL;
  /** The `workerData` of the module. */
  data: unknown;
  /** Gets the duration of each call at its end, waiting for the thread included. */
  onCall?: ((durationMs: number) => void) | undefined;
  /** Gets what the thread tells by itself. */
  onNotice?: (notice: Notice) => void;
  /**
   * Resolves with the function that gives the memory back, which is called at the response or the thread's end.
   * @default calls may not reserve memory
   */
  reserve?: (bytes: number, call: ThreadCall) => Promise<() => void>;
  /**
   * Whether closing stops the thread in the midst of its work. It crashes the whole process where libsql is at work
   * in the thread.
   * @default false
   */
  terminates?: boolean;
}

interface PendingCall<ThreadCall, Result> {
  call: ThreadCall;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * A thread that serves calls; `Results` has the result of each call by its name. The thread starts with the first
 * call, and again with the next one should it die; the calls it had then fail. It keeps the process alive only while
 * it has calls.
 */
export class CallThread<ThreadCall extends { name: keyof Results }, Results, Notice = never> {
  readonly #options: CallThreadOptions<ThreadCall, Notice>;
  readonly #pending = new Map<number, PendingCall<ThreadCall, Results[keyof Results]>>();
  /** Ways to give back memory, by the ids of the calls for which the thread holds it. */
  readonly #reserved = new Map<number, () => void>();
  #worker: Worker | undefined;
  #closed = false;
  #lastId = 0;

  constructor(options: CallThreadOptions<ThreadCall, Notice>) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** @throws when the signal is aborted, the thread fails or dies over it, or is closed */
  async call<C extends ThreadCall>(call: C, signal?: AbortSignal): Promise<Results[C['name']]> {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closedError();
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    let abort = () => {};
    const response = new Promise<Results[keyof Results]>((resolve, reject) => {
      this.#pending.set(id, { call, resolve, reject });
      abort = () => {
        this.#post(worker, { type: 'ABORT', id });
        reject(signal?.reason);
      };
    });
    signal?.addEventListener('abort', abort);
    worker.ref();
    const startedAt = performance.now();
    this.#post(worker, { type: 'CALL', id, call });
    try {
      // As the protocol promises, each call gets its own kind of result.
      return (await response) as Results[C['name']];
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.isIdle) worker.unref();
      this.#options.onCall?.(performance.now() - startedAt);
    }
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (!worker) return;
    const exit = once(worker, 'exit');
    worker.ref();
    if (this.#options.terminates) await worker.terminate();
    else this.#post(worker, { type: 'CLOSE' });
    await exit;
  }

  #start(): Worker {
    const { name, entry, data } = this.#options;
    const worker = new Worker(entry, { workerData: data });
    let cause: unknown;
    worker.on('message', (message: FromThread<Results[keyof Results], Notice>) => {
      if (message.type === 'NOTICE') this.#options.onNotice?.(message.notice);
      else if (message.type === 'RESERVE') void this.#reserve(worker, message.id, message.bytes);
      else this.#settle(message);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const id of [...this.#reserved.keys()]) this.#release(id);
      const error = this.#closed ? this.#closedError() : new Error(`The ${name} thread ended.`, { cause });
      for (const { reject } of this.#pending.values()) reject(error);
    });
    return worker;
  }

  #settle(response: Exclude<FromThread<Results[keyof Results]>, { type: 'RESERVE' | 'NOTICE' }>): void {
    this.#release(response.id);
    const call = this.#pending.get(response.id);
    if (response.type === 'RESULT') call?.resolve(response.result);
    else call?.reject(this.#errorOf(response));
  }

  #errorOf({ message, storage }: { message: string; storage?: StorageFailure }): Error {
    const error = new Error(`The ${this.#options.name} thread failed: ${message}`);
    if (!storage) return error;
    const { code, retryable } = storage;
    const what = storage.message.charAt(0).toLowerCase() + storage.message.slice(1, -1);
    return new StorageError(what, { code, retryable, cause: error });
  }

  /** A call has one permit at a time: its next one takes the place of the last. */
  async #reserve(worker: Worker, id: number, bytes: number): Promise<void> {
    this.#release(id);
    let held = true;
    let release = () => {
      held = false;
    };
    this.#reserved.set(id, () => release());
    const giveBack = await this.#options.reserve!(bytes, this.#pending.get(id)!.call);
    // The thread may have died while the permit was waited for.
    if (!held) return giveBack();
    release = giveBack;
    this.#post(worker, { type: 'RESERVED', id });
  }

  #release(id: number): void {
    this.#reserved.get(id)?.();
    this.#reserved.delete(id);
  }

  #post(worker: Worker, message: ToThread<ThreadCall>): void {
    worker.postMessage(message);
  }

  #closedError(): Error {
    return new Error(`The ${this.#options.name} thread is closed.`);
  }
}
