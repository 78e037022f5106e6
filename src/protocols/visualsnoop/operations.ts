import { HttpError } from '../../http/errors.js';
import type { RequestScope } from '../../request/request-scope.js';
import { imageIdProblem } from '../../services/image-id.js';
import type { StagedImage } from '../../services/staged-image.js';
import type { AddImageOptions, VisualSnoop } from '../../services/visualsnoop.js';
import { MAX_PAGE_SIZE } from '../../services/visualsnoop.js';
import { imageBody, listedImages, type ResponseBody, results } from './responses.js';

const MAX_RESULTS = 100;
const DEFAULT_PAGE_SIZE = 100;

/** A request that was signed with the keys of a collection. */
export interface WireRequest {
  collectionId: string;
  query: URLSearchParams;
  scope: RequestScope;
  /** Receives the body. */
  stage(): Promise<StagedImage>;
}

/** The calls at a path, by HTTP method. */
export type OperationsByMethod = Record<string, (request: WireRequest) => Promise<ResponseBody>>;

/**
 * The calls of the protocol, made to a VisualSnoop.
 *
 * @returns finds the calls at a path below the mount, still percent-encoded; throws an HttpError when there is no such
 * path, or no image can have the id in it
 */
export function createOperations(visualsnoop: VisualSnoop): (path: string) => OperationsByMethod {
  async function getCollection({ collectionId, scope }: WireRequest): Promise<ResponseBody> {
    const [collection] = await visualsnoop.getCollections([collectionId], scope.reads('VISUALSNOOP'));
    if (!collection) throw new HttpError(404, 'There is no such collection.');
    return { ...ok(collectionId), collection_name: collection.name ?? '', user: collection.user ?? '' };
  }

  async function listImages({ collectionId, query, scope }: WireRequest): Promise<ResponseBody> {
    const count = readCount(query.get('count'));
    // An empty start is none: no image has an empty id.
    const from = query.get('start') || undefined;
    if (from !== undefined) checkImageId(from);
    const page = { ...(from !== undefined && { from }), limit: count + 1 };
    const images = await visualsnoop.listImages(collectionId, page, scope.reads('VISUALSNOOP'));
    if (from !== undefined && images.length === 0) throw noSuchImage();
    return {
      ...ok(collectionId),
      images: listedImages(images.slice(0, count)),
      next_image_id: images[count]?.imageId ?? null,
    };
  }

  async function searchByImage({ collectionId, scope, stage }: WireRequest): Promise<ResponseBody> {
    await using image = await stage();
    const matches = await visualsnoop.searchByImage(
      collectionId,
      image,
      { limit: MAX_RESULTS },
      scope.reads('VISUALSNOOP'),
    );
    return { ...ok(collectionId), results: results(matches) };
  }

  async function searchById({ collectionId, scope }: WireRequest, imageId: string): Promise<ResponseBody> {
    const key = { collectionId, imageId };
    const [[image], matches] = await Promise.all([
      visualsnoop.getImages([key], scope.reads('VISUALSNOOP')),
      visualsnoop.searchById(key, { limit: MAX_RESULTS }, scope.reads('VISUALSNOOP')),
    ]);
    if (!image || !matches) throw noSuchImage();
    return { ...imageBody(200, 'OK', image), results: results(matches) };
  }

  async function getImage({ collectionId, scope }: WireRequest, imageId: string): Promise<ResponseBody> {
    const [image] = await visualsnoop.getImages([{ collectionId, imageId }], scope.reads('VISUALSNOOP'));
    if (!image) throw noSuchImage();
    return imageBody(200, 'OK', image);
  }

  async function deleteImage({ collectionId, scope }: WireRequest, imageId: string): Promise<ResponseBody> {
    const image = await visualsnoop.deleteImage({ collectionId, imageId }, scope.changes('VISUALSNOOP'));
    if (!image) throw noSuchImage();
    return imageBody(200, 'Deleted', image);
  }

  async function addImage(
    { collectionId, scope, stage }: WireRequest,
    options: AddImageOptions,
  ): Promise<ResponseBody> {
    await using staged = await stage();
    const { image, status } = await visualsnoop.addImage(
      collectionId,
      staged,
      options,
      scope.changes('VISUALSNOOP'),
    );
    return status === 'ADDED' ? imageBody(201, 'Added', image) : imageBody(200, 'Updated', image);
  }

  return (path) => {
    switch (path) {
      case '/collection':
        return { GET: getCollection };
      case '/images':
        return { GET: listImages };
      case '/image':
        return { POST: (request) => addImage(request, {}) };
      case '/search':
        return { POST: searchByImage };
    }
    const [, resource, encodedId] = /^\/(image|search)\/(.*)$/s.exec(path) ?? [];
    if (resource === undefined || encodedId === undefined) throw new HttpError(404, 'There is no such path.');
    // Clients send the slashes of an id unencoded.
    const imageId = decode(encodedId);
    checkImageId(imageId);
    if (resource === 'search') return { GET: (request) => searchById(request, imageId) };
    return {
      GET: (request) => getImage(request, imageId),
      POST: (request) => addImage(request, { imageId }),
      // PUT adds an id that is not there yet, and its response says so.
      PUT: (request) => addImage(request, { imageId, updateExisting: true }),
      DELETE: (request) => deleteImage(request, imageId),
    };
  };
}

/** Reads the query of a request, form-encoded. */
export function parseQuery(url: string): URLSearchParams {
  const query = /\?(.*)$/s.exec(url)?.[1] ?? '';
  // URLSearchParams takes what is no UTF-8 for U+FFFD: the id of another image.
  decode(query);
  return new URLSearchParams(query);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, 'The percent-encoding of the address is not valid UTF-8.');
  }
}

function checkImageId(imageId: string): void {
  const problem = imageIdProblem(imageId);
  if (problem) throw new HttpError(400, problem);
}

function readCount(text: string | null): number {
  if (text === null) return DEFAULT_PAGE_SIZE;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new HttpError(400, 'count is a whole number of at least 1.');
  return Math.min(count, MAX_PAGE_SIZE);
}

function ok(collectionId: string): ResponseBody {
  return { status: 200, message: 'OK', collection_id: collectionId };
}

function noSuchImage(): HttpError {
  return new HttpError(404, 'The collection has no such image.');
}
