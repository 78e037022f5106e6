import { z } from 'zod';
import { parseUtc, type Timestamp } from '../../services/timestamp.js';
import type { AddImageStatus, Collection, Image, ImageMatch } from '../../services/visualsnoop.js';

export interface AddedImage {
  image: Image;
  status: AddImageStatus;
}

export interface ImagePage {
  images: Image[];
  /** The first image of the next page; null on the last. */
  nextImageId: string | null;
}

/** A time, documented to have the zone UTC; one without a zone is read as UTC. */
const time = z.string().transform((text, context): Timestamp => {
  const parsed = parseUtc(text);
  if (parsed !== null) return parsed;
  context.addIssue('There is no such time.');
  return z.NEVER;
});

const id = z.string().min(1);
const text = z.string().nullish();

/** The fields of every response but that on a collection. */
const common = z.object({ status: z.int(), message: z.string(), collection_id: z.string() });

const collection = z.object({ collection_id: z.string().min(1), collection_name: text, user: text });
const image = common.extend({ image_id: id, image_time: time });
const matches = common.extend({ results: z.array(z.object({ id, rank: z.number() })) });
const page = common.extend({
  images: z.array(z.object({ id, image_time: time })),
  next_image_id: id.nullable(),
});

// Each decoder throws when VisualSnoop documents no such value.

export function decodeCollection(value: unknown): Collection {
  const { collection_id, collection_name, user } = collection.parse(value);
  return { collectionId: collection_id, name: collection_name || null, user: user || null };
}

/** @param imageId the id that was asked for; left out where VisualSnoop chose one */
export function decodeImage(value: unknown, collectionId: string, imageId?: string): Image {
  const { collection_id, image_id, image_time } = image.parse(value);
  checkSame(collection_id, collectionId);
  checkSame(image_id, imageId ?? image_id);
  return { collectionId, imageId: image_id, imageTime: image_time };
}

export function decodeAddedImage(value: unknown, collectionId: string, imageId?: string): AddedImage {
  const { status, message } = common.parse(value);
  const added = status === 201 || message === 'Added';
  return { image: decodeImage(value, collectionId, imageId), status: added ? 'ADDED' : 'UPDATED' };
}

/** The matches of a search, best first. */
export function decodeMatches(value: unknown, collectionId: string): ImageMatch[] {
  const { collection_id, results } = matches.parse(value);
  checkSame(collection_id, collectionId);
  return results.map(({ id, rank }) => ({ collectionId, imageId: id, rank })).sort((a, b) => a.rank - b.rank);
}

export function decodePage(value: unknown, collectionId: string): ImagePage {
  const { collection_id, images, next_image_id } = page.parse(value);
  checkSame(collection_id, collectionId);
  return {
    images: images.map(({ id, image_time }) => ({ collectionId, imageId: id, imageTime: image_time })),
    nextImageId: next_image_id,
  };
}

function checkSame(given: string, asked: string): void {
  if (given !== asked) throw new Error(`The answer is about ${given}, and not about ${asked}.`);
}
