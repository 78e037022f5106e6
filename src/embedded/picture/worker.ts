/** The thread that decodes pictures, one at a time. It asks for the memory of each before it decodes. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { PictureFacts } from '../../services/staged-image.js';
import { describePicture } from './describe-picture.js';
import type { PictureLimits } from './open-picture.js';
import { type ReserveBytes, TooCostlyError } from './picture-header.js';
import { readPicture } from './read-picture.js';

/** What can be wanted of a picture, each with its own decoding. */
export interface PictureResults {
  FACTS: PictureFacts;
  /** Encoded; null when the picture cannot be decoded. */
  DESCRIPTOR: Uint8Array | null;
}

export type Wanted = keyof PictureResults;

export type ToWorker = { type: 'READ'; wanted: Wanted; path: string } | { type: 'RESERVED' };

export type FromWorker =
  | { type: 'RESERVE'; bytes: number }
  | { type: 'DONE'; result: PictureResults[Wanted] }
  | { type: 'FAILED'; error: unknown };

type Read = (path: string, limits: PictureLimits, reserve: ReserveBytes) => Promise<PictureResults[Wanted]>;

const READERS: Record<Wanted, Read> = { FACTS: readPicture, DESCRIPTOR: describePicture };

/** What the thread finds as its `workerData`. */
export interface WorkerLimits extends PictureLimits {
  /** A picture that needs more is refused. */
  maxDecodeBytes: number;
}

/** Of so much memory the collector of V8 is not left to think of by itself. */
const LARGE_BYTES = 8 * 1024 * 1024;

if (!parentPort) throw new Error('This module is the entry of a worker thread.');
const port = parentPort;
const { maxDecodeBytes, ...limits }: WorkerLimits = workerData;
let reserved = () => {};
let reservedBytes = 0;

port.on('message', (message: ToWorker) => {
  if (message.type === 'RESERVED') reserved();
  else void answer(message.wanted, message.path);
});

async function answer(wanted: Wanted, path: string): Promise<void> {
  const answered = await READERS[wanted](path, limits, reserve).then(
    (result): FromWorker => ({ type: 'DONE', result }),
    (error: unknown): FromWorker => ({ type: 'FAILED', error }),
  );
  if (reservedBytes > LARGE_BYTES) await freePixels();
  reservedBytes = 0;
  post(answered);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Pixels lie outside the heap of V8, which would leave them there until it needs memory itself: the next picture would
 * be decoded beside them. Node frees them a turn after they were collected.
 */
async function freePixels(): Promise<void> {
  collectGarbage();
  await setImmediate();
}

async function reserve(bytes: number): Promise<void> {
  // What is no number would wait for ever, and all others behind it.
  if (!(bytes <= maxDecodeBytes)) throw new TooCostlyError(`Decoding takes ${bytes} bytes.`);
  reservedBytes = Math.max(reservedBytes, bytes);
  return new Promise((resolve) => {
    reserved = resolve;
    post({ type: 'RESERVE', bytes });
  });
}

function post(message: FromWorker): void {
  port.postMessage(message);
}
