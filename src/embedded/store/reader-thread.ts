import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EntryPosition, EntryQuery } from '../../services/imgcache/api.js';
import type { HashChunks } from '../search/hamming.js';
import type { HashMatches } from '../search/hash-matches.js';
import type { HashScan } from '../search/similar-hashes.js';
import type { ReaderAnswers, ReaderCall, ReaderRequest, ReaderResponse } from './reader-protocol.js';

interface PendingCall {
  resolve(answer: ReaderAnswers[keyof ReaderAnswers]): void;
  reject(error: unknown): void;
}

/**
 * Searches that read very many rows, in a thread with a connection of its own. The thread starts with the first call,
 * and again with the next one should it die; the calls it had then fail. It keeps the process alive only while it has
 * calls.
 */
export class ReaderThread implements HashScan {
  readonly #databasePath: string;
  readonly #pending = new Map<number, PendingCall>();
  #worker: Worker | undefined;
  #closed = false;
  #lastId = 0;

  /** @param databasePath a SQLite file in WAL mode, with its tables */
  constructor(databasePath: string) {
    this.#databasePath = databasePath;
  }

  /** Every entry within the radius, nearest first, among them all that was committed before the call. */
  scanHashes(query: HashChunks, radius: number, signal?: AbortSignal): Promise<HashMatches> {
    return this.#call({ name: 'scanHashes', query, radius }, signal);
  }

  /** The places of the entries that the query finds, in its order. */
  searchUrls(query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]> {
    return this.#call({ name: 'searchUrls', query }, signal);
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#worker) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.ref();
    // Not terminate(): it would crash the whole process if libsql is at work in the thread.
    this.#worker.postMessage('close' satisfies ReaderRequest);
    await exit;
  }

  async #call<Call extends ReaderCall>(
    call: Call,
    signal: AbortSignal | undefined,
  ): Promise<ReaderAnswers[Call['name']]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('The reader thread is closed.');
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    const post = (request: ReaderRequest) => worker.postMessage(request);
    let abort = () => {};
    const answer = new Promise<ReaderAnswers[keyof ReaderAnswers]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      abort = () => {
        post({ abort: id });
        reject(signal?.reason);
      };
    });
    signal?.addEventListener('abort', abort);
    worker.ref();
    post({ id, call });
    try {
      // The protocol's word for it: each call is answered with its own kind of answer.
      return (await answer) as ReaderAnswers[Call['name']];
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) worker.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./reader-worker.js', import.meta.url), {
      workerData: this.#databasePath,
    });
    let cause: unknown;
    worker.on('message', (response: ReaderResponse) => {
      const call = this.#pending.get(response.id);
      if ('error' in response) call?.reject(new Error(`The reader thread failed: ${response.error}`));
      else call?.resolve(response.answer);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#pending.values())
        reject(new Error('The reader thread ended.', { cause }));
    });
    return worker;
  }
}
