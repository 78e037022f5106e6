import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Identity, LINK_HOLDER } from '../access/identity.js';
import { restrictToBuckets } from '../access/restricted-imgcache.js';
import { restrictTo } from '../access/restricted-visualsnoop.js';
import type { RequestScope } from '../request/request-scope.js';
import { inBucket } from '../services/bucket.js';
import type { ByteRange } from '../services/entry.js';
import type { ImgCache } from '../services/imgcache.js';
import type { PictureSource, Pictures } from '../services/pictures.js';
import type { ImageKey, VisualSnoop } from '../services/visualsnoop.js';
import { type LastingBytes, serveBytes } from './bytes.js';
import { entryOpener } from './entry-bytes.js';
import { type PictureTarget, parsePicturePath, type ThumbnailTarget } from './picture-paths.js';
import { sendJson } from './respond.js';
import { serveThumbnail } from './thumbnails.js';

export interface PictureParts {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  pictures: Pictures;
}

export interface PictureRequest {
  identity: Identity;
  scope: RequestScope;
  /** Caches on the way may serve the response to others. */
  isPublic: boolean;
}

/** The bytes that a path names, as far as whoever asks may see them. */
export interface FoundPicture extends LastingBytes, PictureSource {
  /** Whether it is a picture that thumbnails are made of. */
  isDecoded: boolean;
}

/**
 * Serves the bytes of pictures and their thumbnails: of imgcache's entries under `/files` and `/thumbnails`, of the images of
 * collections under `/collections`. What a content hash names never changes; a picture that is only in a collection is found
 * by its image alone. The head of bytes comes within the time of a request; how long the rest takes is up to the client.
 */
export async function servePicture(
  parts: PictureParts,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  request: PictureRequest,
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', 'GET, HEAD');
    return sendJson(res, 405, { error: 'Only GET and HEAD are answered here.' });
  }
  // A page of another origin may show what it was given the address of.
  if (request.identity === LINK_HOLDER) res.setHeader('cross-origin-resource-policy', 'cross-origin');
  const target = parsePicturePath(path);
  const found = target && (await findPicture(parts, target, request));
  if (!found) return sendJson(res, 404, { error: 'There is no such file.' });
  if (target.thumbnail) return serveTarget(parts, req, res, { found, thumbnail: target.thumbnail, request });
  return serveBytes(req, res, found);
}

function serveTarget(
  { pictures }: PictureParts,
  req: IncomingMessage,
  res: ServerResponse,
  { found, thumbnail, request }: { found: FoundPicture; thumbnail: ThumbnailTarget; request: PictureRequest },
): Promise<void> {
  return serveThumbnail(req, res, {
    ...found,
    target: thumbnail,
    make: (kind) => pictures.thumbnail(found, kind, request.scope.reads(found.service)),
  });
}

function findPicture(
  parts: PictureParts,
  { contentHash, image, bucket }: PictureTarget,
  request: PictureRequest,
): Promise<FoundPicture | null> {
  return image
    ? findImage(parts, image, contentHash, request)
    : findEntry(parts, { contentHash, bucket }, request);
}

async function findEntry(
  { imgcache: all }: PictureParts,
  { contentHash, bucket }: Pick<PictureTarget, 'contentHash' | 'bucket'>,
  { identity: { buckets }, scope, isPublic }: PictureRequest,
): Promise<FoundPicture | null> {
  const signal = scope.reads('IMGCACHE');
  const hasBuckets = bucket === undefined || typeof (await all.defaultBucket?.(signal)) === 'string';
  if (!hasBuckets) return null;
  const imgcache = inBucket(buckets ? restrictToBuckets(buckets, all) : all, bucket);
  const [entry] = await imgcache.getMeta([contentHash], signal);
  if (!entry) return null;
  return {
    service: 'IMGCACHE',
    contentHash,
    bucket,
    etag: `"${contentHash}"`,
    contentType: entry.contentType,
    size: entry.fileSizeBytes,
    isPublic,
    isDecoded: entry.width !== null,
    open: entryOpener(imgcache, entry, scope),
  };
}

/** Null also when the image has other bytes by now. */
async function findImage(
  { visualsnoop, pictures }: PictureParts,
  key: ImageKey,
  contentHash: string,
  { identity: { collections }, scope, isPublic }: PictureRequest,
): Promise<FoundPicture | null> {
  const service = 'VISUALSNOOP';
  const signal = scope.reads(service);
  const visible = collections ? restrictTo(collections, visualsnoop) : visualsnoop;
  const [known] = await visible.getContentHashes([key], signal);
  const source = { service, contentHash } as const;
  const picture = known === contentHash ? await pictures.find(source, signal) : null;
  if (!picture) return null;
  return {
    ...source,
    etag: `"${contentHash}"`,
    contentType: picture.contentType,
    size: picture.fileSizeBytes,
    isPublic,
    isDecoded: true,
    async open(range?: ByteRange) {
      const stream = await pictures.open(source, range, signal);
      scope.liftDeadline();
      if (!stream) throw new Error(`The bytes of ${contentHash} are gone.`);
      return stream;
    },
  };
}
