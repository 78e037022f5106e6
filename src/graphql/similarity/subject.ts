import type { Readable } from 'node:stream';
import { isContentHash } from '../../services/content-hash.js';
import { contentHashAt } from '../../services/imgcache.js';
import type { StagedImage } from '../../services/staged-image.js';
import type { ImageKey } from '../../services/visualsnoop.js';
import type { Sources } from './sources.js';

/** The picture asked about, as far as the services know it. It is disposed of when the searches are done. */
export interface Subject extends AsyncDisposable {
  /** The image that it is asked about by. */
  readonly member: ImageKey | null;
  /** The content hash of a picture that the client sent, as imgcache has it: its entry, where there is one, is among the results. */
  sent(): Promise<string | null>;
  /**
   * Of a picture that the services have. Its entry and the images under this id are left out of its own results; copies
   * under other ids are not. Null where it is not known, and for any other picture. Never fails.
   */
  contentHash(): Promise<string | null>;
  /** The dHash to ask imgcache with; null where the picture has none. */
  perceptualHash(): Promise<string | null>;
  /** The bytes to ask VisualSnoop with; null where they are nowhere. Absent for what never has any. */
  bytes?(): Promise<StagedImage | null>;
}

/** A picture that the client sent. */
export function uploadedPicture(image: StagedImage, { imgcache, scope }: Sources): Subject {
  return {
    member: null,
    sent: () => contentHashAt(imgcache, image, scope.reads('IMGCACHE')),
    contentHash: async () => null,
    perceptualHash: async () => (await image.facts()).perceptualHash,
    bytes: async () => image,
    [Symbol.asyncDispose]: () => image[Symbol.asyncDispose](),
  };
}

/** Any picture with this dHash. */
export function hashedPicture(perceptualHash: string): Subject {
  return {
    member: null,
    sent: async () => null,
    contentHash: async () => null,
    perceptualHash: async () => perceptualHash,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The picture of an entry of imgcache. */
export function entryPicture(contentHash: string, sources: Sources): Subject {
  const bytes = new StoredBytes(() => openEntryBytes(contentHash, sources), sources);
  return {
    member: null,
    sent: async () => null,
    contentHash: async () => contentHash,
    perceptualHash: async () =>
      (await sources.loaders.entries.byContentHash.load(contentHash))?.perceptualHash ?? null,
    bytes: () => bytes.stage(),
    [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
  };
}

/** The picture of an image in a collection. */
export function memberPicture(member: ImageKey, sources: Sources): Subject {
  const { visualsnoop, loaders, scope } = sources;
  const contentHash = async () =>
    (await loaders.collections.entryHash(member).catch(() => null)) ??
    (isContentHash(member.imageId) ? member.imageId : null);
  const open = async () => {
    const stream = await visualsnoop.getBytes(member, scope.reads('VISUALSNOOP'));
    if (stream) return stream;
    const hash = await contentHash();
    return hash ? openEntryBytes(hash, sources) : null;
  };
  const bytes = new StoredBytes(open, sources);
  return {
    member,
    sent: async () => null,
    contentHash,
    async perceptualHash() {
      const hash = await contentHash();
      const entry = hash && (await loaders.entries.byContentHash.load(hash));
      if (entry && entry.perceptualHash !== null) return entry.perceptualHash;
      return (await (await bytes.stage())?.facts())?.perceptualHash ?? null;
    },
    bytes: () => bytes.stage(),
    [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
  };
}

async function openEntryBytes(contentHash: string, { imgcache, scope }: Sources): Promise<Readable | null> {
  return (await imgcache.getBytes(contentHash, undefined, scope.reads('IMGCACHE')))?.stream ?? null;
}

/** Bytes that a service has, received once and only when they are asked for. */
class StoredBytes implements AsyncDisposable {
  readonly #open: () => Promise<Readable | null>;
  readonly #sources: Sources;
  #staged: Promise<StagedImage | null> | undefined;

  constructor(open: () => Promise<Readable | null>, sources: Sources) {
    this.#open = open;
    this.#sources = sources;
  }

  stage(): Promise<StagedImage | null> {
    this.#staged ??= this.#receive();
    return this.#staged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const staged = await this.#staged?.catch(() => null);
    await staged?.[Symbol.asyncDispose]();
  }

  async #receive(): Promise<StagedImage | null> {
    const stream = await this.#open();
    if (!stream) return null;
    const { staging, maxUploadBytes: maxBytes, scope } = this.#sources;
    try {
      return await staging.stage(stream, { maxBytes, signal: scope.gone });
    } finally {
      // Where staging fails before it reads, as on a full disk, the stream would hold its connection.
      stream.destroy();
    }
  }
}
