import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ThumbnailFormat, type ThumbnailKind, TooManyThumbnailsError } from '../services/pictures.js';
import { acceptedMediaType } from './accepted-media-type.js';
import { lastingHeaders, respondToVersions } from './bytes.js';
import type { ThumbnailTarget } from './picture-paths.js';
import { sendJson } from './respond.js';

const MEDIA_TYPES = { webp: 'image/webp', jpg: 'image/jpeg' } as const;
const RETRY_AFTER_SECONDS = '2';

export interface ServedThumbnail {
  contentHash: string;
  target: ThumbnailTarget;
  isDecoded: boolean;
  isPublic: boolean;
  make(kind: ThumbnailKind): Promise<Uint8Array | null>;
}

/** Serves a thumbnail, in the format that its path ends with, or that the client likes best of those that there are. */
export async function serveThumbnail(
  req: IncomingMessage,
  res: ServerResponse,
  { contentHash, target, isDecoded, isPublic, make }: ServedThumbnail,
): Promise<void> {
  if (!target.format) res.appendHeader('vary', 'Accept');
  const format = target.format ?? acceptedFormat(req.headers.accept);
  if (!format) return sendJson(res, 406, { error: 'Thumbnails are image/webp or image/jpeg.' });
  if (!isDecoded) return sendUndecoded(res);
  const etag = `"${contentHash}-${target.width}.${format}"`;
  const headers = lastingHeaders({ etag, isPublic });
  if (respondToVersions(req, res, { etag, headers })) return;
  const bytes = await made(res, () => make({ width: target.width, format }));
  if (bytes === 'BUSY') return;
  if (!bytes) return sendUndecoded(res);
  headers['content-type'] = MEDIA_TYPES[format];
  headers['content-length'] = bytes.length;
  res.writeHead(200, headers);
  res.end(req.method === 'HEAD' ? undefined : bytes);
}

/** BUSY when it has responded that too many wait. */
async function made<T>(res: ServerResponse, make: () => Promise<T>): Promise<T | 'BUSY'> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof TooManyThumbnailsError)) throw error;
    res.setHeader('retry-after', RETRY_AFTER_SECONDS);
    sendJson(res, 503, { error: error.message });
    return 'BUSY';
  }
}

function acceptedFormat(accept: string | undefined): ThumbnailFormat | null {
  const accepted = acceptedMediaType(accept, [MEDIA_TYPES.webp, MEDIA_TYPES.jpg]);
  if (!accepted) return null;
  return accepted === MEDIA_TYPES.webp ? 'webp' : 'jpg';
}

function sendUndecoded(res: ServerResponse): void {
  sendJson(res, 404, { error: 'The file is no picture that is decoded, so that it has no thumbnail.' });
}
