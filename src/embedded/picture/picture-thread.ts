import { Worker } from 'node:worker_threads';
import type { BytePermits } from './byte-permits.js';
import type { FromWorker, PictureResults, ToWorker, Wanted, WorkerLimits } from './worker.js';

/** A worker thread seen from outside. */
export interface PictureThread {
  readonly state: 'IDLE' | 'READING' | 'DEAD';
  /**
   * Only while it is idle.
   *
   * @throws when the file cannot be read, or the thread dies over it
   */
  read(wanted: Wanted, path: string): Promise<PictureResults[Wanted]>;
  terminate(): Promise<void>;
}

interface Job {
  resolve(result: PictureResults[Wanted]): void;
  reject(error: unknown): void;
  /** Gives the memory of the decoded picture back. */
  release(): void;
}

/** It keeps the process alive only while it reads. */
export function startPictureThread(limits: WorkerLimits, permits: BytePermits): PictureThread {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: limits });
  worker.unref();
  let job: Job | null = null;
  let isDead = false;
  let crash: unknown;

  /** @returns the job that ends with this */
  function end(): Job | null {
    const ended = job;
    job = null;
    worker.unref();
    ended?.release();
    return ended;
  }

  async function reserve(bytes: number): Promise<void> {
    const asking = job;
    asking?.release();
    const release = await permits.acquire(bytes);
    if (!asking || asking !== job) return release();
    asking.release = release;
    post(worker, { type: 'RESERVED' });
  }

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'RESERVE') void reserve(message.bytes);
    else if (message.type === 'DONE') end()?.resolve(message.result);
    else end()?.reject(message.error);
  });
  worker.on('error', (error) => {
    crash = error;
  });
  worker.on('exit', () => {
    isDead = true;
    end()?.reject(new Error('The thread that read the picture died.', { cause: crash }));
  });

  return {
    get state() {
      return isDead ? 'DEAD' : job ? 'READING' : 'IDLE';
    },
    read(wanted, path) {
      return new Promise((resolve, reject) => {
        job = { resolve, reject, release() {} };
        worker.ref();
        post(worker, { type: 'READ', wanted, path });
      });
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
