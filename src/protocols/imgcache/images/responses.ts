import type { ServerResponse } from 'node:http';
import { STORED_BYTES_HEADERS } from '../../../http/bytes.js';
import { firstBytes } from '../../../http/first-bytes.js';
import { sendStream } from '../../../http/send-stream.js';
import type { Entry, EntryBytes } from '../../../services/entry.js';
import type { WireEntry } from '../../../services/wire-entry.js';
import { formatWireTime } from '../times.js';

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
