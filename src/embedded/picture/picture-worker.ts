import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { serveCalls } from '../threads/serve-calls.js';
import type { PictureLimits } from './open-picture.js';
import { type ReserveBytes, TooCostlyError } from './picture-header.js';
import type { PictureCall, PictureResults, Wanted, WorkerLimits } from './picture-pool.js';
import { describePicture, readPicture } from './read-picture.js';
import { makeThumbnail, readShape } from './thumbnail.js';

/** The thread that a PicturePool starts: it decodes one picture at a time. Its `workerData` are WorkerLimits. */

function read(
  call: PictureCall,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<PictureResults[Wanted]> {
  switch (call.name) {
    case 'FACTS':
      return readPicture(call.path, limits, reserve);
    case 'DESCRIPTOR':
      return describePicture(call.path, limits, reserve, call.use);
    case 'SHAPE':
      return readShape(call.path, call.isWhole, limits, reserve);
    case 'THUMBNAIL':
      return makeThumbnail(call.path, call.kind, limits, reserve);
  }
}

/** Memory reserved beyond this is freed after the picture, not when V8 next collects garbage: a budget counts on it. */
const LARGE_BYTES = 64 * 1024 * 1024;
/**
 * Less is freed once no picture came for so long. Collecting garbage takes 15 ms, half as much as a picture of 4
 * megapixels, and while pictures come V8 does it often enough by itself.
 */
const IDLE_MS = 500;

const { maxDecodeBytes, ...limits }: WorkerLimits = workerData;

async function respond(call: PictureCall, _signal: AbortSignal, reserve: ReserveBytes) {
  let reservedBytes = 0;
  const reserveBounded: ReserveBytes = async (bytes) => {
    // NaN would wait for ever, and all others behind it.
    if (!(bytes <= maxDecodeBytes)) throw new TooCostlyError(`Decoding takes ${bytes} bytes.`);
    reservedBytes = Math.max(reservedBytes, bytes);
    await reserve(bytes);
  };
  try {
    return await read(call, limits, reserveBounded);
  } finally {
    if (reservedBytes > LARGE_BYTES) await freePixels();
    else if (reservedBytes > 0) idle.refresh();
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const idle = setTimeout(collectGarbage, IDLE_MS).unref();

/**
 * Frees the decoded pixels before the next picture is decoded. They lie outside the heap of V8, which would leave them
 * there until it needs memory itself; Node frees them a turn after they were collected.
 */
async function freePixels(): Promise<void> {
  collectGarbage();
  await setImmediate();
}

serveCalls(respond);
