import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { STORED_BYTES_HEADERS } from '../../http/bytes.js';
import { firstBytes } from '../../http/first-bytes.js';
import { sendStream } from '../../http/send-stream.js';
import type { Entry, EntryBytes } from '../../services/imgcache.js';
import type { WireEntry } from '../../services/wire-entry.js';
import { formatWireTime } from './times.js';

/**
 * An entry as the original writes it, with the same keys in the same order, and its URLs behind them.
 * @param urls all its URLs; null where they are too many to be sent
 */
export function toWireEntry(entry: Entry, urls: readonly string[] | null): WireEntry {
  return {
    url: entry.url,
    content_hash: entry.contentHash,
    content_type: entry.contentType,
    file_size_bytes: entry.fileSizeBytes,
    original_filename: entry.originalFilename,
    width: entry.width,
    height: entry.height,
    perceptual_hash: entry.perceptualHash,
    client_name: entry.clientName,
    lookup_time: formatWireTime(entry.lookupTime),
    created_at: formatWireTime(entry.createdAt),
    ...(urls === null ? { more_urls: true } : urls.length > 1 && { urls }),
  };
}

/** Sends a 204, with the content type of the other responses, as the original does. */
export function sendNoContent(res: ServerResponse): void {
  res.writeHead(204, { 'Content-Type': 'application/json' });
  res.end();
}

/** Writes a JSON array batch by batch, as fast as the client reads. The head is sent once the first batch is there. */
export async function sendJsonArray(
  res: ServerResponse,
  batches: AsyncIterable<readonly unknown[]>,
): Promise<void> {
  const chunks = jsonArray(batches);
  const first = await chunks.next();
  res.writeHead(200, { 'Content-Type': 'application/json' });
  await pipeline(async function* () {
    yield first.value ?? '';
    yield* chunks;
  }, res);
}

async function* jsonArray(batches: AsyncIterable<readonly unknown[]>): AsyncGenerator<string, undefined> {
  let separator = '[';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield separator + batch.map((row) => JSON.stringify(row)).join(',');
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

export async function sendImage(
  res: ServerResponse,
  { stream, fileSizeBytes, contentType }: EntryBytes,
): Promise<void> {
  try {
    await firstBytes(stream);
    res.writeHead(200, {
      'Content-Type': contentType,
      'Content-Length': fileSizeBytes,
      ...STORED_BYTES_HEADERS,
    });
    await sendStream(res, stream);
  } finally {
    stream.destroy();
  }
}
