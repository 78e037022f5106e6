import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { serveCalls } from '../threads/serve-calls.js';
import type { PictureLimits } from './open-picture.js';
import { type ReserveBytes, TooCostlyError } from './picture-header.js';
import type { PictureCall, PictureResults, Wanted, WorkerLimits } from './picture-pool.js';
import { describePicture, readPicture } from './read-picture.js';

/** The thread that a PicturePool starts: it decodes one picture at a time. Its `workerData` are WorkerLimits. */

type Read = (path: string, limits: PictureLimits, reserve: ReserveBytes) => Promise<PictureResults[Wanted]>;

const READERS: Record<Wanted, Read> = { FACTS: readPicture, DESCRIPTOR: describePicture };

/** Memory reserved beyond this is freed after the picture, not when V8 next collects garbage. */
const LARGE_BYTES = 8 * 1024 * 1024;

const { maxDecodeBytes, ...limits }: WorkerLimits = workerData;

async function respond({ name, path }: PictureCall, _signal: AbortSignal, reserve: ReserveBytes) {
  let reservedBytes = 0;
  const reserveBounded: ReserveBytes = async (bytes) => {
    // NaN would wait for ever, and all others behind it.
    if (!(bytes <= maxDecodeBytes)) throw new TooCostlyError(`Decoding takes ${bytes} bytes.`);
    reservedBytes = Math.max(reservedBytes, bytes);
    await reserve(bytes);
  };
  try {
    return await READERS[name](path, limits, reserveBounded);
  } finally {
    if (reservedBytes > LARGE_BYTES) await freePixels();
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Frees the decoded pixels before the next picture is decoded. They lie outside the heap of V8, which would leave them
 * there until it needs memory itself; Node frees them a turn after they were collected.
 */
async function freePixels(): Promise<void> {
  collectGarbage();
  await setImmediate();
}

serveCalls(respond);
