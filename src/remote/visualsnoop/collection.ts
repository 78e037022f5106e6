import type { CallSignal } from '../../services/call-signal.js';
import { ServiceError } from '../../services/errors.js';
import { imageIdProblem } from '../../services/image-id.js';
import type { StagedImage } from '../../services/staged-image.js';
import {
  type AddImageOptions,
  type Collection,
  type Image,
  ImageExistsError,
  type ImageMatch,
  type ImageQuery,
  NotAPictureError,
} from '../../services/visualsnoop.js';
import { badResponse, refused, unavailable } from './failures.js';
import { listRemoteImages } from './listing.js';
import {
  type AddedImage,
  decodeAddedImage,
  decodeCollection,
  decodeImage,
  decodeMatches,
  decodePage,
  type ImagePage,
} from './responses.js';
import type { SignedCall, SignedCalls } from './signed-calls.js';

/**
 * The documented calls for one collection. Nothing is sent for an id that no image can have: reads and deletions
 * find no such image, and adding is REFUSED.
 */
export class RemoteCollection {
  readonly collection: Collection;
  readonly #calls: SignedCalls;

  /** Reads the collection that the keys are for. */
  static async open(calls: SignedCalls, signal?: CallSignal): Promise<RemoteCollection> {
    const collection = await calls.get('/collection?session=init', decodeCollection, signal);
    if (!collection) throw badResponse('VisualSnoop does not answer at the address that is set for it.');
    return new RemoteCollection(collection, calls);
  }

  get id(): string {
    return this.collection.collectionId;
  }

  private constructor(collection: Collection, calls: SignedCalls) {
    this.collection = collection;
    this.#calls = calls;
  }

  async getImage(imageId: string, signal?: CallSignal): Promise<Image | null> {
    if (imageIdProblem(imageId)) return null;
    const decode = (value: unknown) => decodeImage(value, this.id, imageId);
    return this.#calls.get(imagePath(imageId), decode, signal);
  }

  async listImages(query: ImageQuery, signal?: CallSignal): Promise<Image[]> {
    return listRemoteImages((start, count) => this.#readPage(start, count, signal), query);
  }

  async searchById(imageId: string, limit: number, signal?: CallSignal): Promise<ImageMatch[] | null> {
    if (imageIdProblem(imageId)) return null;
    const path = `/search/${encodeURIComponent(imageId)}`;
    const matches = await this.#calls.get(path, (value) => decodeMatches(value, this.id), signal);
    return matches?.filter((match) => match.imageId !== imageId).slice(0, limit) ?? null;
  }

  async searchByImage(image: StagedImage, limit: number, signal?: CallSignal): Promise<ImageMatch[]> {
    const call: SignedCall<ImageMatch[]> = {
      method: 'POST',
      path: '/search',
      image,
      repeatable: true,
      decode: (value) => decodeMatches(value, this.id),
    };
    try {
      return (await this.#calls.ask(call, signal)).slice(0, limit);
    } catch (error) {
      throw isRefusal(error) ? await explainRefusal(error, image) : error;
    }
  }

  async addImage(
    image: StagedImage,
    { imageId, updateExisting = false }: AddImageOptions,
    signal?: CallSignal,
  ): Promise<AddedImage> {
    if (imageId === undefined) return this.#upload({ method: 'POST', path: '/image' }, image, signal);
    const problem = imageIdProblem(imageId);
    if (problem) throw refused(problem);
    const method = updateExisting ? 'PUT' : 'POST';
    return this.#upload({ method, path: imagePath(imageId), imageId }, image, signal);
  }

  async deleteImage(imageId: string, signal?: CallSignal): Promise<Image | null> {
    if (imageIdProblem(imageId)) return null;
    const notFound = (timesSent: number) => {
      if (timesSent > 1) {
        throw unavailable('VisualSnoop did not say whether it deleted the image, which is gone now.', true);
      }
      return null;
    };
    const call: SignedCall<Image | null> = {
      method: 'DELETE',
      path: imagePath(imageId),
      repeatable: true,
      decode: (value) => decodeImage(value, this.id, imageId),
      otherwise: { 404: notFound },
    };
    return this.#calls.change(call, signal);
  }

  /** Sends an image: once, unless it replaces; a second try would add twice, or find the id taken by the first. */
  async #upload(
    { method, path, imageId }: { method: 'POST' | 'PUT'; path: string; imageId?: string },
    image: StagedImage,
    signal: CallSignal | undefined,
  ): Promise<AddedImage> {
    const mustBeNew = method === 'POST' ? imageId : undefined;
    const call: SignedCall<AddedImage> = {
      method,
      path,
      image,
      repeatable: method === 'PUT',
      decode: (value) => decodeAddedImage(value, this.id, imageId),
      otherwise: mustBeNew === undefined ? {} : { 409: () => this.#exists(mustBeNew) },
    };
    try {
      return await this.#calls.change(call, signal);
    } catch (error) {
      if (!isRefusal(error)) throw mustBeNew === undefined ? error : harmlessToRepeat(error);
      // The status for an id that is taken is not documented.
      if (mustBeNew !== undefined && (await this.getImage(mustBeNew, signal).catch(() => null))) {
        this.#exists(mustBeNew);
      }
      throw await explainRefusal(error, image);
    }
  }

  async #readPage(
    start: string | undefined,
    count: number,
    signal: CallSignal | undefined,
  ): Promise<ImagePage | null> {
    if (start !== undefined && imageIdProblem(start)) return null;
    const query = new URLSearchParams({ ...(start !== undefined && { start }), count: String(count) });
    return this.#calls.get(`/images?${query}`, (value) => decodePage(value, this.id), signal);
  }

  #exists(imageId: string): never {
    throw new ImageExistsError({ collectionId: this.id, imageId });
  }
}

function imagePath(imageId: string): string {
  return `/image/${encodeURIComponent(imageId)}`;
}

function isRefusal(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.code === 'REFUSED';
}

/**
 * The same error, marked as safe to repeat by the caller, which may add under the same id again: VisualSnoop leaves an
 * image that has the id as it is, and says so. This client may not, as it would report the id as taken.
 */
function harmlessToRepeat(error: unknown): unknown {
  if (!(error instanceof ServiceError && ['UNAVAILABLE', 'TIMEOUT'].includes(error.code))) return error;
  const { message, service, code, cause } = error;
  return new ServiceError(message, { service, code, retryable: true, cause });
}

/** The likely error behind a refusal, as VisualSnoop documents no reasons: bytes that cannot be decoded here either. */
async function explainRefusal(refusal: ServiceError, image: StagedImage): Promise<Error> {
  const { problem } = await image.facts();
  if (problem === null) return refusal;
  return new NotAPictureError('VisualSnoop refused the bytes, which cannot be decoded as a picture.');
}
