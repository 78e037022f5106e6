/** The thread that decodes pictures, one at a time. It asks for the memory of each before it decodes. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PictureFacts } from '../../services/staged-image.js';
import { describePicture } from './describe-picture.js';
import type { PictureLimits, ReserveBytes } from './open-picture.js';
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

if (!parentPort) throw new Error('This module is the entry of a worker thread.');
const port = parentPort;
const limits: PictureLimits = workerData;
let reserved = () => {};

port.on('message', (message: ToWorker) => {
  if (message.type === 'RESERVED') reserved();
  else void answer(message.wanted, message.path);
});

async function answer(wanted: Wanted, path: string): Promise<void> {
  try {
    post({ type: 'DONE', result: await READERS[wanted](path, limits, reserve) });
  } catch (error) {
    post({ type: 'FAILED', error });
  }
}

function reserve(bytes: number): Promise<void> {
  return new Promise((resolve) => {
    reserved = resolve;
    post({ type: 'RESERVE', bytes });
  });
}

function post(message: FromWorker): void {
  port.postMessage(message);
}
