import { availableParallelism } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { inSpan } from '../../request/spans.js';
import type { StoredPicture, ThumbnailKind } from '../../services/pictures.js';
import type { DescriptionUse, PictureDescription, PictureFacts } from '../../services/staged-image.js';
import { CallThread } from '../threads/call-thread.js';
import { createBytePermits } from './byte-permits.js';
import type { PictureLimits } from './open-picture.js';

/** The result of each way of reading a picture, each with its own decoding. */
export interface PictureResults {
  FACTS: PictureFacts;
  /** Null when the picture cannot be decoded. */
  DESCRIPTOR: PictureDescription | null;
  /** Null when the file is no picture that is decoded, or ends before the end of its header. */
  SHAPE: PictureShape | null;
  /** Null when the picture cannot be decoded. */
  THUMBNAIL: Uint8Array | null;
}

/** The facts of a picture that its header tells. */
export type PictureShape = Omit<StoredPicture, 'fileSizeBytes'>;

export type Wanted = keyof PictureResults;

/** A call of the pool to one of its threads. */
export type PictureCall =
  | { name: 'FACTS'; path: string }
  | { name: 'DESCRIPTOR'; path: string; use: DescriptionUse }
  | { name: 'SHAPE'; path: string; isWhole: boolean }
  | { name: 'THUMBNAIL'; path: string; kind: ThumbnailKind };

/** Those of a lower number go first: a header is read in no time, and nobody loses anything by a late thumbnail. */
const PRIORITIES: Record<Wanted, number> = { SHAPE: 0, FACTS: 1, DESCRIPTOR: 1, THUMBNAIL: 2 };

/** The limits of a thread, which it finds as its `workerData`. */
export interface WorkerLimits extends PictureLimits {
  /** A picture that needs more is refused. */
  maxDecodeBytes: number;
}

type PictureThread = CallThread<PictureCall, PictureResults>;

/**
 * Threads that read pictures. They start when they are needed and do not keep the process alive. All ways of reading
 * take the path of a file that holds the bytes of one picture, and throw when the file cannot be read, the thread dies
 * over it, or the pool is closed. Thumbnails are made when nothing else is waiting.
 */
export interface PicturePool {
  read(path: string): Promise<PictureFacts>;
  /**
   * How the picture looks; null when it cannot be decoded.
   * @param use @default 'KEPT'
   */
  describe(path: string, use?: DescriptionUse): Promise<PictureDescription | null>;
  /**
   * The size and the type, by the header alone; null when the file is no picture that is decoded.
   * @param isWhole false where the file holds the beginning of the picture only: where that may not tell all, it is null too
   */
  shape(path: string, isWhole: boolean): Promise<PictureShape | null>;
  /** A thumbnail, encoded; null when the picture cannot be decoded. */
  thumbnail(path: string, kind: ThumbnailKind): Promise<Uint8Array | null>;
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

interface WaitingPicture {
  call: PictureCall;
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
      const { call, resolve, reject } = waiting.shift()!;
      void measured(call.name, thread.call(call)).then(resolve, reject).then(startNext);
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
      reserve: (bytes, { name }) => permits.acquire(bytes, name === 'THUMBNAIL'),
      terminates: true,
    });
    started.push(thread);
    return thread;
  }

  async function run<Call extends PictureCall>(call: Call): Promise<PictureResults[Call['name']]> {
    if (isClosed) throw closedError();
    const result = await new Promise<PictureResults[Wanted]>((resolve, reject) => {
      const behind = waiting.findIndex((other) => PRIORITIES[other.call.name] > PRIORITIES[call.name]);
      waiting.splice(behind === -1 ? waiting.length : behind, 0, { call, resolve, reject });
      startNext();
    });
    // The thread reads what was wanted.
    return result as PictureResults[Call['name']];
  }

  function traced<Call extends PictureCall>(call: Call): Promise<PictureResults[Call['name']]> {
    if (!tracer) return run(call);
    return inSpan(tracer, { name: `decode ${call.name}` }, () => run(call));
  }

  return {
    read: (path) => traced({ name: 'FACTS', path }),
    describe: (path, use = 'KEPT') => traced({ name: 'DESCRIPTOR', path, use }),
    shape: (path, isWhole) => traced({ name: 'SHAPE', path, isWhole }),
    thumbnail: (path, kind) => traced({ name: 'THUMBNAIL', path, kind }),
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
