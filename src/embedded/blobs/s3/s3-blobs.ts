import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallSignal } from '../../../services/call-signal.js';
import type { ByteRange } from '../../../services/entry.js';
import type { StagedImage } from '../../../services/staged-image.js';
import { HasherPool } from '../../staging.js';
import { type Blobs, type LocalFile, MissingBlobError, type StoredObject } from '../blobs.js';
import type { S3Address } from './address.js';
import type { S3Client } from './client.js';
import { S3Probe } from './probe.js';
import { verified } from './verified.js';

export interface S3BlobsParts {
  client: S3Client;
  address: S3Address;
  /** A folder of this process, for copies of objects. */
  scratchDir: string;
}

/** A place: `ab/cd/<content hash>-<what makes it new>`. */
const PLACE = /^[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})-[0-9A-Za-z-]+$/;
const SET_ASIDE = 'set-aside';

/** Bytes in an object store, each object under a key that was never used before: the prefix and the place. */
export class S3Blobs implements Blobs {
  readonly #client: S3Client;
  readonly #base: string;
  readonly #scratchDir: string;
  readonly #probe: S3Probe;
  readonly #hashers = new HasherPool();

  constructor({ client, address, scratchDir }: S3BlobsParts) {
    this.#client = client;
    this.#base = address.prefix === '' ? '' : `${address.prefix}/`;
    this.#scratchDir = scratchDir;
    this.#probe = new S3Probe({ client, address, key: `${this.#base}probe` });
  }

  sizeOf(place: string): Promise<number | null> {
    return this.#client.head(this.nameOf(place));
  }

  async put(place: string, image: StagedImage): Promise<void> {
    const { size } = image;
    const sha256 = await sha256Of(image.stream());
    await this.#client.put(this.nameOf(place), { size, sha256, open: () => image.stream() });
  }

  /** A whole object is compared with the hash in its place on the way: what is not the same fails before its end. */
  async open(place: string, range?: ByteRange, signal?: CallSignal): Promise<Readable> {
    const stream = await this.#get(place, range, signal);
    const contentHash = contentHashOf(place);
    return range || contentHash === null ? stream : verified(stream, { place, contentHash }, this.#hashers);
  }

  remove(place: string): Promise<void> {
    return this.#client.delete(this.nameOf(place));
  }

  /** As the store gives it: whether the bytes are still the right ones is for those to judge who check them. */
  async localFile(place: string, signal?: CallSignal, enough?: number): Promise<LocalFile> {
    const path = join(this.#scratchDir, `${randomUUID()}.tmp`);
    const dispose = () => rm(path, { force: true });
    const range = enough === undefined ? undefined : { start: 0, end: enough - 1 };
    const stream = await this.#get(place, range, signal);
    try {
      await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return { path, dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  async *list(): AsyncGenerator<readonly StoredObject[]> {
    let after: string | null = null;
    do {
      const { objects, next } = await this.#client.list(this.#base, after);
      yield objects.flatMap(({ key, modifiedAt }) => {
        const place = key.slice(this.#base.length);
        const contentHash = contentHashOf(place);
        return contentHash === null ? [] : { place, contentHash, modifiedAt };
      });
      after = next;
    } while (after !== null);
  }

  async setAside(place: string): Promise<string> {
    const key = `${this.#base}${SET_ASIDE}/${place}`;
    if (!(await this.#client.copy(this.nameOf(place), key))) throw new MissingBlobError(place);
    await this.#client.delete(this.nameOf(place));
    return key;
  }

  /** The key, below the bucket. */
  nameOf(place: string): string {
    return this.#base + place;
  }

  probe(signal?: CallSignal): Promise<void> {
    return this.#probe.run(signal);
  }

  async #get(place: string, range: ByteRange | undefined, signal: CallSignal | undefined): Promise<Readable> {
    const stream = await this.#client.get(this.nameOf(place), range, signal);
    if (!stream) throw new MissingBlobError(place);
    return stream;
  }
}

function contentHashOf(place: string): string | null {
  return PLACE.exec(place)?.[1] ?? null;
}

async function sha256Of(bytes: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}
