import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WholeBytes } from '../services/whole-bytes.js';

/** Sends bytes as the body of a response, whose head is told: as fast as the client takes them, and at once where all are there. */
export async function sendStream(res: ServerResponse, stream: Readable): Promise<void> {
  if (stream instanceof WholeBytes) res.end(stream.bytes);
  else await pipeline(stream, res);
}
