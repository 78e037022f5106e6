import type { ServerResponse } from 'node:http';
import { PLAIN_JSON, sendJson } from '../../http/respond.js';
import type { Timestamp } from '../../services/timestamp.js';
import type { Image, ImageMatch } from '../../services/visualsnoop.js';

/** The JSON of a response. Its status is that of HTTP as well. */
export interface ResponseBody {
  status: number;
  message: string;
  [field: string]: unknown;
}

export function imageBody(
  status: number,
  message: string,
  { collectionId, imageId, imageTime }: Image,
): ResponseBody {
  return {
    status,
    message,
    collection_id: collectionId,
    image_id: imageId,
    image_time: formatImageTime(imageTime),
  };
}

export function listedImages(images: readonly Image[]): { id: string; image_time: string }[] {
  return images.map(({ imageId, imageTime }) => ({ id: imageId, image_time: formatImageTime(imageTime) }));
}

export function results(matches: readonly ImageMatch[]): { id: string; rank: number }[] {
  return matches.map(({ imageId, rank }) => ({ id: imageId, rank }));
}

/** A time as Python writes it in UTC: `2026-11-20T23:48:23.000000+00:00`. */
function formatImageTime(time: Timestamp): string {
  return time.replace('Z', '+00:00');
}

/** Sends a response whose status stands in its JSON too. */
export function respond(
  res: ServerResponse,
  body: ResponseBody,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(res, body.status, body, { ...PLAIN_JSON, ...headers });
}
