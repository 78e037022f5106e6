import type { TypedDocument } from './document.js';
import {
  AddImageDocument,
  CollectionImagesDocument,
  CollectionsDocument,
  CreateCollectionDocument,
  DeleteEntryDocument,
  DeleteImageDocument,
  EntriesDocument,
  EntryByUrlDocument,
  EntryDocument,
  ImageDocument,
  IngestImageDocument,
  ServicesDocument,
  SimilarDocument,
  StoreEntryDocument,
} from './generated.js';
import type { Request, RequestArguments, RequestOptions } from './request.js';

export type Tasks = ReturnType<typeof createTasks>;

/** A method for each everyday task. It gives the only field of its document; unions are told apart by `__typename`. */
export function createTasks(request: Request) {
  const query =
    <Result extends object, Variables>(document: TypedDocument<Result, Variables>) =>
    async (...args: RequestArguments<Variables>): Promise<Result[keyof Result]> =>
      onlyField<Result>(await request(document, ...args));

  const mutation =
    <Result extends object, Input>(document: TypedDocument<Result, { input: Input }>) =>
    async (input: Input, options?: RequestOptions): Promise<Result[keyof Result]> =>
      onlyField<Result>(await request(document, { input }, options));

  const services = query(ServicesDocument);
  return {
    /** Stores a picture in imgcache, or notes one more URL of a picture that is there. Safe to repeat. */
    storeEntry: mutation(StoreEntryDocument),
    /** Adds a picture to a collection. Without `imageId` not safe to repeat. */
    addImage: mutation(AddImageDocument),
    /** Stores a picture in imgcache and adds it to a collection under its content hash. Safe to repeat. */
    ingestImage: mutation(IngestImageDocument),
    /** Creates a collection, where VisualSnoop is embedded. The secret key is shown in this response alone. */
    createCollection: mutation(CreateCollectionDocument),
    /** Deletes an entry of imgcache with all its URLs. */
    deleteEntry: mutation(DeleteEntryDocument),
    /** Deletes an image from its collection. */
    deleteImage: mutation(DeleteImageDocument),
    /** Finds the pictures in both services that look like one. `searches` says how each search went. */
    similar: query(SimilarDocument),
    /** Lists the entries of imgcache, newest first. */
    entries: query(EntriesDocument),
    /** The entry with a content hash, or null. */
    entry: query(EntryDocument),
    /** The newest entry that was stored under exactly this URL, or null. */
    entryByUrl: query(EntryByUrlDocument),
    /** An image of a collection, or null. */
    image: query(ImageDocument),
    /** Lists the collections. */
    collections: query(CollectionsDocument),
    /** A collection with its images, newest first, or null. */
    collectionImages: query(CollectionImagesDocument),
    /** The state of the services behind the graph. */
    services: (options?: RequestOptions) => services({}, options),
  };
}

function onlyField<Result extends object>(data: Result): Result[keyof Result] {
  const [value] = Object.values(data);
  return value;
}
