import type { ServerResponse } from 'node:http';
import { HTTP_STATUS_OF, ServiceError } from '../../services/errors.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import type { Timestamp } from '../../services/timestamp.js';
import {
  type Image,
  ImageExistsError,
  type ImageMatch,
  NotAPictureError,
  UnknownCollectionError,
} from '../../services/visualsnoop.js';

/** The JSON of an answer. Its status is that of HTTP as well. */
export interface Answer {
  status: number;
  message: string;
  [field: string]: unknown;
}

/** Ends a call with the answer that says why. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.headers = headers;
  }
}

/** The refusal that tells a client of an expected failure; null for an exception that nobody expects. */
export function toRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof NotAPictureError) return new Refusal(400, error.message);
  if (error instanceof UnknownCollectionError) return new Refusal(404, error.message);
  if (error instanceof ImageExistsError) return new Refusal(409, error.message);
  if (error instanceof TooManyBytesError) return new Refusal(413, error.message);
  if (error instanceof ServiceError) return new Refusal(HTTP_STATUS_OF[error.code], error.message);
  return null;
}

export function imageAnswer(
  status: number,
  message: string,
  { collectionId, imageId, imageTime }: Image,
): Answer {
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

/** As Python writes a time in UTC: `2026-11-20T23:48:23.000000+00:00`. */
function formatImageTime(time: Timestamp): string {
  return time.replace('Z', '+00:00');
}

export function sendAnswer(res: ServerResponse, answer: Answer, headers: Record<string, string> = {}): void {
  const body = Buffer.from(JSON.stringify(answer));
  res.writeHead(answer.status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...headers,
  });
  res.end(body);
}
