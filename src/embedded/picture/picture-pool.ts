import { availableParallelism } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { inSpan } from '../../request/spans.js';
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
  /** How many pictures are in a thread now. */
  readonly decoding: number;
  /** How many wait for a thread. */
  readonly waiting: number;
  /** Stops the threads. What is still being read or waits is rejected. */
  close(): Promise<void>;
}

export interface DecodeReport {
  wanted: Wanted;
  /** UNDECODABLE: the bytes are no picture that can be decoded; FAILED: the thread could not read it or died over it. */
  outcome: 'DECODED' | 'UNDECODABLE' | 'FAILED';
  /** In the thread, with the wait for memory. */
  durationMs: number;
}

export interface PicturePoolOptions {
  threads?: number;
  /** A picture of more pixels is not decoded. */
  maxPixels: number;
  /** Bytes that all pictures being decoded may need together; one that needs more alone is refused. */
  maxDecodeBytes?: number;
  /** Told of each picture that was in a thread. */
  onDecode?: ((report: DecodeReport) => void) | undefined;
  tracer?: Tracer | undefined;
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
  onDecode,
  tracer,
}: PicturePoolOptions): PicturePool {
  const permits = createBytePermits(maxDecodeBytes);
  const waiting: Job[] = [];
  let started: PictureThread[] = [];
  let decoding = 0;
  let isClosed = false;

  function startNext(): void {
    while (waiting.length > 0) {
      const thread = freeThread();
      if (!thread) return;
      const { wanted, path, resolve, reject } = waiting.shift()!;
      const fail = (error: unknown) => reject(isClosed ? closedError() : error);
      void measured(wanted, thread.read(wanted, path)).then(resolve, fail).then(startNext);
    }
  }

  async function measured(
    wanted: Wanted,
    reading: Promise<PictureResults[Wanted]>,
  ): Promise<PictureResults[Wanted]> {
    const startedAt = performance.now();
    let outcome: DecodeReport['outcome'] = 'FAILED';
    decoding++;
    try {
      const result = await reading;
      outcome = isDecoded(result) ? 'DECODED' : 'UNDECODABLE';
      return result;
    } finally {
      decoding--;
      onDecode?.({ wanted, outcome, durationMs: performance.now() - startedAt });
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

  function traced<W extends Wanted>(wanted: W, path: string): Promise<PictureResults[W]> {
    if (!tracer) return run(wanted, path);
    return inSpan(tracer, { name: `decode ${wanted}` }, () => run(wanted, path));
  }

  return {
    read: (path) => traced('FACTS', path),
    describe: (path) => traced('DESCRIPTOR', path),
    get decoding() {
      return decoding;
    },
    get waiting() {
      return waiting.length;
    },
    async close() {
      isClosed = true;
      for (const job of waiting.splice(0)) job.reject(closedError());
      await Promise.all(started.map((thread) => thread.terminate()));
    },
  };
}

function isDecoded(result: PictureResults[Wanted]): boolean {
  return result !== null && (!('width' in result) || result.width !== null);
}

function closedError(): Error {
  return new Error('The picture pool is closed.');
}
