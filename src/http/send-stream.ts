import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WholeBytes } from '../services/whole-bytes.js';

/** Sends bytes as the body of a response, whose head is told: as fast as the client takes them, and at once where all are there. */
export async function sendStream(res: ServerResponse, stream: Readable): Promise<void> {
  if (!(stream instanceof WholeBytes)) return pipeline(stream, res);
  // A response closes behind its last write to the connection, or behind the connection itself: nobody reads the bytes then.
  res.once('close', () => stream.release());
  res.end(stream.bytes);
}
