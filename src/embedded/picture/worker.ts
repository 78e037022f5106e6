/** The thread that reads pictures, one at a time. It asks for the memory of each before it decodes. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PictureFacts } from '../../services/staged-image.js';
import { type PictureLimits, readPicture } from './read-picture.js';

export type ToWorker = { type: 'READ'; path: string } | { type: 'RESERVED' };

export type FromWorker =
  | { type: 'RESERVE'; bytes: number }
  | { type: 'DONE'; facts: PictureFacts }
  | { type: 'FAILED'; error: unknown };

if (!parentPort) throw new Error('This module is the entry of a worker thread.');
const port = parentPort;
const limits: PictureLimits = workerData;
let reserved = () => {};

port.on('message', (message: ToWorker) => {
  if (message.type === 'RESERVED') reserved();
  else void answer(message.path);
});

async function answer(path: string): Promise<void> {
  try {
    post({ type: 'DONE', facts: await readPicture(path, limits, reserve) });
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
