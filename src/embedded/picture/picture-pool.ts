import { availableParallelism } from 'node:os';
import type { PictureFacts } from '../../services/staged-image.js';
import { createBytePermits } from './byte-permits.js';
import { type PictureThread, startPictureThread } from './picture-thread.js';
import type { PictureResults, Wanted } from './worker.js';

/**
 * Threads that read pictures. They start when they are needed and do not keep the process alive. Both ways of reading
 * take the path of a file that holds the bytes of one picture, and throw when the file cannot be read, the thread dies
 * over it, or the pool is closed.
 */
export interface PicturePool {
  read(path: string): Promise<PictureFacts>;
  /** The encoded visual descriptor; null when the picture cannot be decoded. */
  describe(path: string): Promise<Uint8Array | null>;
  /** Stops the threads. What is still being read or waits is rejected. */
  close(): Promise<void>;
}

export interface PicturePoolOptions {
  threads?: number;
  /** A picture of more pixels is not decoded. */
  maxPixels: number;
  /** Bytes that all pictures being decoded may need together; one that needs more alone is refused. */
  maxDecodeBytes?: number;
}

interface Job {
  wanted: Wanted;
  path: string;
  resolve(result: PictureResults[Wanted]): void;
  reject(error: unknown): void;
}

/** Decoding occupies libuv's pool of four threads, which the file system calls of the whole process share. */
const MAX_THREADS = 3;
/** With what the process takes besides, it stays below 700 MB: `npm run bench -- hostile` measures it. */
const MAX_DECODE_BYTES = 320 * 1024 * 1024;

export function createPicturePool({
  threads = Math.min(availableParallelism(), MAX_THREADS),
  maxPixels,
  maxDecodeBytes = MAX_DECODE_BYTES,
}: PicturePoolOptions): PicturePool {
  const permits = createBytePermits(maxDecodeBytes);
  const waiting: Job[] = [];
  let started: PictureThread[] = [];
  let isClosed = false;

  function startNext(): void {
    while (waiting.length > 0) {
      const thread = freeThread();
      if (!thread) return;
      const { wanted, path, resolve, reject } = waiting.shift()!;
      const fail = (error: unknown) => reject(isClosed ? closedError() : error);
      void thread.read(wanted, path).then(resolve, fail).then(startNext);
    }
  }

  function freeThread(): PictureThread | undefined {
    started = started.filter(({ state }) => state !== 'DEAD');
    const idle = started.find(({ state }) => state === 'IDLE');
    if (idle || started.length >= threads) return idle;
    const thread = startPictureThread({ maxPixels, maxDecodeBytes }, permits);
    started.push(thread);
    return thread;
  }

  async function run<W extends Wanted>(wanted: W, path: string): Promise<PictureResults[W]> {
    if (isClosed) throw closedError();
    const result = await new Promise<PictureResults[Wanted]>((resolve, reject) => {
      waiting.push({ wanted, path, resolve, reject });
      startNext();
    });
    // The worker's word for it: each result is of the kind that was wanted.
    return result as PictureResults[W];
  }

  return {
    read: (path) => run('FACTS', path),
    describe: (path) => run('DESCRIPTOR', path),
    async close() {
      isClosed = true;
      for (const job of waiting.splice(0)) job.reject(closedError());
      await Promise.all(started.map((thread) => thread.terminate()));
    },
  };
}

function closedError(): Error {
  return new Error('The picture pool is closed.');
}
