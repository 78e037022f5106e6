import type { Readable } from 'node:stream';
import { WholeBytes } from '../services/whole-bytes.js';

/**
 * Waits until a stream has bytes, or has ended: what fails before is told by a status, and not by a connection that breaks
 * off.
 * @throws the error of the stream
 */
export async function firstBytes(stream: Readable): Promise<void> {
  if (stream.errored) throw stream.errored;
  if (stream instanceof WholeBytes || stream.readableLength > 0 || stream.closed) return;
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      stream.off('readable', settle).off('close', settle).off('error', settle);
      if (stream.errored) reject(stream.errored);
      else resolve();
    };
    stream.on('readable', settle).on('close', settle).on('error', settle);
  });
}
