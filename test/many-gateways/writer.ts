import { picture } from '../fakes/pictures.js';
import type { Random } from '../harness/seeded-random.js';
import { type Check, entryIsGone, entryIsNewest, entryIsThere, type KnownEntry } from './entry-checks.js';
import type { GatewayClient, KeyedCollection } from './gateway-client.js';
import { type Anchor, ImageChecks, type KnownImage } from './image-checks.js';

/** Makes a change through a gateway. @returns what every other gateway must say once it is acknowledged */
type Change = (gateway: GatewayClient) => Promise<Check[]>;

const ANCHORS = 3;
/** From so many on, only what goes is made. */
const MOST_HELD = 12;
const ENTRY = 'entry { contentHash perceptualHash urls }';

/** A client that changes things of its own, by all faces, and knows what is there. */
export class Writer {
  readonly #name: string;
  readonly #collection: KeyedCollection;
  readonly #random: Random;
  readonly #checks: ImageChecks;
  readonly #anchors: Anchor[] = [];
  readonly #entries: KnownEntry[] = [];
  readonly #images: KnownImage[] = [];
  #serial = 0;

  constructor(name: string, collection: KeyedCollection, random: Random) {
    this.#name = name;
    this.#collection = collection;
    this.#random = random;
    this.#checks = new ImageChecks(collection);
  }

  /** Adds the pictures that its images will have. */
  async prepare(gateway: GatewayClient): Promise<void> {
    for (let nth = 0; nth < ANCHORS; nth++) {
      const anchor = { anchorId: this.#newId('anchor'), bytes: await this.#newPicture() };
      const input = { collectionId: this.#collection.collectionId, imageId: anchor.anchorId };
      await gateway.change('addImage', input, 'status', anchor.bytes);
      this.#anchors.push(anchor);
    }
  }

  /** The next change. */
  next(): Change {
    const ways = [
      () => this.#storeByGraphQL(),
      () => this.#storeByWire(),
      () => this.#ingest(),
      () => this.#addUrl(),
      () => this.#deleteEntry(),
      () => this.#addImage(),
      () => this.#updateImage(),
      () => this.#deleteImage(),
    ];
    if (this.#entries.length >= MOST_HELD) return this.#deleteEntry();
    if (this.#images.length >= MOST_HELD) return this.#deleteImage();
    return ways[this.#random(ways.length)]!();
  }

  #storeByGraphQL(): Change {
    return async (gateway) => {
      const [bytes, url] = [await this.#newPicture(), this.#newUrl()];
      const { entry } = await gateway.change('storeEntry', { url, clientName: this.#name }, ENTRY, bytes);
      return this.#stored({ ...entry, bytes, urls: [url] });
    };
  }

  #storeByWire(): Change {
    return async (gateway) => {
      const [bytes, url] = [await this.#newPicture(), this.#newUrl()];
      const row = await this.#postEntry(gateway, bytes, url);
      return this.#stored({
        contentHash: row.content_hash,
        perceptualHash: row.perceptual_hash,
        bytes,
        urls: [url],
      });
    };
  }

  #ingest(): Change {
    return async (gateway) => {
      const [anchor, url] = [this.#anyAnchor(), this.#newUrl()];
      const bytes = this.#sameLook(anchor);
      const input = { url, clientName: this.#name, collectionId: this.#collection.collectionId };
      const { entry, image } = await gateway.change(
        'ingestImage',
        input,
        `${ENTRY} image { imageId }`,
        bytes,
      );
      const known = { imageId: image.imageId, anchor };
      this.#images.push(known);
      return [...this.#stored({ ...entry, bytes, urls: [url] }), ...this.#checks.isThere(known)];
    };
  }

  #addUrl(): Change {
    const entry = this.#take(this.#entries);
    if (!entry) return this.#storeByWire();
    return async (gateway) => {
      const url = this.#newUrl();
      if (this.#random(2) === 0)
        await gateway.change('storeEntry', { url, clientName: this.#name }, ENTRY, entry.bytes);
      else await this.#postEntry(gateway, entry.bytes, url);
      const known = { ...entry, urls: [...entry.urls, url] };
      this.#entries.push(known);
      return entryIsThere(known);
    };
  }

  #deleteEntry(): Change {
    const entry = this.#take(this.#entries);
    if (!entry) return this.#storeByGraphQL();
    return async (gateway) => {
      const { contentHash } = entry;
      if (this.#random(2) === 0) await gateway.change('deleteEntry', { contentHash }, 'contentHash');
      else await gateway.imgcache('DELETE', `/images/${contentHash}`);
      return entryIsGone(entry);
    };
  }

  #addImage(): Change {
    return async (gateway) => {
      const known = { imageId: this.#newId('image'), anchor: this.#anyAnchor() };
      await this.#put(gateway, known, false);
      this.#images.push(known);
      return this.#checks.isThere(known);
    };
  }

  #updateImage(): Change {
    const before = this.#take(this.#images);
    if (!before) return this.#addImage();
    return async (gateway) => {
      const others = this.#anchors.filter((anchor) => anchor !== before.anchor);
      const known = { imageId: before.imageId, anchor: others[this.#random(others.length)]! };
      await this.#put(gateway, known, true);
      this.#images.push(known);
      return [...this.#checks.isThere(known), ...this.#checks.isNot(before)];
    };
  }

  #deleteImage(): Change {
    const image = this.#take(this.#images);
    if (!image) return this.#addImage();
    return async (gateway) => {
      const { imageId } = image;
      const { collectionId } = this.#collection;
      if (this.#random(2) === 0) await gateway.change('deleteImage', { collectionId, imageId }, 'imageId');
      else await gateway.visualsnoop(this.#collection, 'DELETE', `/image/${imageId}`);
      return this.#checks.isGone(image);
    };
  }

  async #put(
    gateway: GatewayClient,
    { imageId, anchor }: KnownImage,
    updateExisting: boolean,
  ): Promise<void> {
    // The same bytes are found by their hash, others by how they look.
    const body = this.#random(2) === 0 ? anchor.bytes : this.#sameLook(anchor);
    const { collectionId } = this.#collection;
    if (this.#random(2) === 0)
      await gateway.change('addImage', { collectionId, imageId, updateExisting }, 'status', body);
    else
      await gateway.visualsnoop(this.#collection, updateExisting ? 'PUT' : 'POST', `/image/${imageId}`, {
        body,
      });
  }

  async #postEntry(gateway: GatewayClient, bytes: Buffer<ArrayBuffer>, url: string) {
    const form = new FormData();
    form.set('url', url);
    form.set('client_name', this.#name);
    form.set('file', new Blob([bytes]), 'picture');
    return (await gateway.imgcache('POST', '/images', {}, form)).json();
  }

  #stored(entry: KnownEntry): Check[] {
    this.#entries.push(entry);
    return [...entryIsThere(entry), entryIsNewest(entry)];
  }

  /** Any one of them, which is then no longer among them: a change of it is under way. */
  #take<T>(all: T[]): T | undefined {
    return all.splice(this.#random(Math.max(1, all.length)), 1)[0];
  }

  #anyAnchor(): Anchor {
    return this.#anchors[this.#random(this.#anchors.length)]!;
  }

  async #newPicture(): Promise<Buffer<ArrayBuffer>> {
    return Buffer.from(await picture(this.#random(2 ** 31)));
  }

  /** The picture with other bytes. */
  #sameLook({ bytes }: Anchor): Buffer<ArrayBuffer> {
    return Buffer.concat([bytes, Buffer.from(this.#newId('label'))]);
  }

  #newId(kind: string): string {
    return `${this.#name}-${kind}-${++this.#serial}`;
  }

  #newUrl(): string {
    return `https://x.example/${this.#newId('url')}.png`;
  }
}
