import { availableParallelism } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { inSpan } from '../../request/spans.js';
import type { PictureFacts } from '../../services/staged-image.js';
import { CallThread } from '../threads/call-thread.js';
import { createBytePermits } from './byte-permits.js';
import type { PictureLimits } from './open-picture.js';

/** The result of each way of reading a picture, each with its own decoding. */
export interface PictureResults {
  FACTS: PictureFacts;
  /** Encoded; null when the picture cannot be decoded. */
  DESCRIPTOR: Uint8Array | null;
}

export type Wanted = keyof PictureResults;

/** A call of the pool to one of its threads. */
export interface PictureCall {
  name: Wanted;
  path: string;
}

/** The limits of a thread, which it finds as its `workerData`. */
export interface WorkerLimits extends PictureLimits {
  /** A picture that needs more is refused. */
  maxDecodeBytes: number;
}

type PictureThread = CallThread<PictureCall, PictureResults>;

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
  /** Stops the threads; pictures that are being read or wait are rejected. */
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
  /** @default the number of processors, at most 3 */
  threads?: number;
  /** A picture of more pixels is not decoded. */
  maxPixels: number;
  /**
   * Bytes that all pictures being decoded may need together; one that needs more alone is refused.
   * @default 320 MiB
   */
  maxDecodeBytes?: number;
  /** Told of each picture that was in a thread. */
  onDecode?: ((report: DecodeReport) => void) | undefined;
  tracer?: Tracer | undefined;
}

interface WaitingPicture extends PictureCall {
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
  const waiting: WaitingPicture[] = [];
  const started: PictureThread[] = [];
  let decoding = 0;
  let isClosed = false;

  function startNext(): void {
    while (waiting.length > 0) {
      const thread = idleThread();
      if (!thread) return;
      const { name, path, resolve, reject } = waiting.shift()!;
      void measured(name, thread.call({ name, path })).then(resolve, reject).then(startNext);
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

  function idleThread(): PictureThread | undefined {
    const idle = started.find((thread) => thread.isIdle);
    if (idle || started.length >= threads) return idle;
    const thread: PictureThread = new CallThread({
      name: 'picture',
      entry: new URL('./picture-worker.js', import.meta.url),
      data: { maxPixels, maxDecodeBytes } satisfies WorkerLimits,
      reserve: permits.acquire,
      terminates: true,
    });
    started.push(thread);
    return thread;
  }

  async function run<W extends Wanted>(wanted: W, path: string): Promise<PictureResults[W]> {
    if (isClosed) throw closedError();
    const result = await new Promise<PictureResults[Wanted]>((resolve, reject) => {
      waiting.push({ name: wanted, path, resolve, reject });
      startNext();
    });
    // The thread reads what was wanted.
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
      for (const { reject } of waiting.splice(0)) reject(closedError());
      await Promise.all(started.map((thread) => thread.close()));
    },
  };
}

function isDecoded(result: PictureResults[Wanted]): boolean {
  return result !== null && (!('width' in result) || result.width !== null);
}

function closedError(): Error {
  return new Error('The picture pool is closed.');
}
