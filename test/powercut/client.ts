import { setTimeout as sleep } from 'node:timers/promises';
import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { multipart, post } from '../harness/gateway.js';
import type { Ledger } from './ledger.js';
import { labelledPicture, type Picture } from './pictures.js';

/** A number from 0 to below the limit. */
export type Random = (limit: number) => number;

export interface Target {
  url: string;
  collectionId: string;
  keys: KeyPair;
  /** Whether it may say that what it keeps things in fails just now: the clients then try something else. */
  mayFail?: boolean;
}

/** How long a client waits after a failure, in milliseconds. */
const PAUSE_MS = 20;

/** Pictures that all clients store, each time under another URL or id. */
const COMMON = 10;

/**
 * A client that writes to a gateway until that is gone, or until it is told to end: entries are noted in one ledger by URL, images in another by id.
 * It deletes and replaces only what it made itself.
 */
export class WritingClient {
  readonly #name: string;
  readonly #entries: Ledger;
  readonly #images: Ledger;
  readonly #random: Random;
  #target!: Target;
  #serial = 0;

  constructor(name: string, entries: Ledger, images: Ledger, random: Random) {
    this.#name = name;
    this.#entries = entries;
    this.#images = images;
    this.#random = random;
  }

  async writeTo(target: Target, until?: AbortSignal): Promise<void> {
    this.#target = target;
    const ways = [
      () => this.#storeByGraphQL(),
      () => this.#storeByWire(),
      () => this.#storeCommonByWire(),
      () => this.#addByGraphQL(),
      () => this.#addByWire(),
      () => this.#ingest(),
      () => this.#replaceByWire(),
      () => this.#deleteEntry(),
      () => this.#deleteImage(),
    ];
    try {
      while (!until?.aborted) await this.#unlessFailing(ways[this.#random(ways.length)]!);
    } catch (error) {
      // A connection that broke off is what this is about; an answer that says no is not.
      if (error instanceof RefusedError) throw error;
    }
  }

  async #unlessFailing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof FailedError && this.#target.mayFail)) throw error;
      await sleep(PAUSE_MS);
    }
  }

  async #storeByGraphQL(): Promise<void> {
    const picture = await this.#ownPicture();
    const url = this.#newName('graphql');
    await this.#entries.change(url, picture.contentHash, () =>
      this.#mutate('storeEntry', { url, clientName: this.#name }, picture),
    );
  }

  async #storeByWire(): Promise<void> {
    await this.#postEntry(this.#newName('wire'), await this.#ownPicture());
  }

  async #storeCommonByWire(): Promise<void> {
    const nth = this.#random(COMMON);
    await this.#postEntry(this.#newName('common'), await labelledPicture(nth, 'common'));
  }

  async #postEntry(url: string, { bytes, contentHash }: Picture): Promise<void> {
    const form = new FormData();
    form.set('url', url);
    form.set('client_name', this.#name);
    form.set('file', new Blob([bytes]), 'picture');
    await this.#entries.change(url, contentHash, async () => {
      const response = await fetch(`${this.#target.url}/imgcache/images`, { method: 'POST', body: form });
      await response.text();
      requireSuccess('POST /images', response.status);
    });
  }

  async #addByGraphQL(): Promise<void> {
    const picture = await labelledPicture(this.#random(COMMON), 'common');
    const imageId = this.#newName('graphql');
    const input = { collectionId: this.#target.collectionId, imageId };
    await this.#images.change(imageId, picture.contentHash, () => this.#mutate('addImage', input, picture));
  }

  async #addByWire(): Promise<void> {
    const { bytes, contentHash } = await this.#ownPicture();
    const imageId = this.#newName('wire');
    await this.#images.change(imageId, contentHash, () => this.#signed('POST', imageId, bytes));
  }

  async #ingest(): Promise<void> {
    const picture = await this.#ownPicture();
    const url = this.#newName('ingest');
    const input = { url, clientName: this.#name, collectionId: this.#target.collectionId };
    await this.#entries.change(url, picture.contentHash, () =>
      this.#images.change(picture.contentHash, picture.contentHash, () =>
        this.#mutate('ingestImage', input, picture),
      ),
    );
  }

  async #replaceByWire(): Promise<void> {
    const [imageId] = this.#mine(this.#images) ?? [];
    if (imageId === undefined) return;
    const { bytes, contentHash } = await this.#ownPicture();
    await this.#images.change(imageId, contentHash, () => this.#signed('PUT', imageId, bytes));
  }

  async #deleteEntry(): Promise<void> {
    const [url, contentHash] = this.#mine(this.#entries) ?? [];
    if (url === undefined) return;
    await this.#entries.change(url, null, () => this.#mutate('deleteEntry', { contentHash }));
  }

  async #deleteImage(): Promise<void> {
    const [imageId] = this.#mine(this.#images) ?? [];
    if (imageId === undefined) return;
    await this.#images.change(imageId, null, () => this.#signed('DELETE', imageId));
  }

  /** Something that only this client changes. */
  #mine(ledger: Ledger): [place: string, content: string] | undefined {
    const mine = ledger
      .held()
      .filter(([place]) => place.startsWith(`${this.#name}/`) && !place.includes('common'));
    return mine[this.#random(mine.length)];
  }

  #newName(way: string): string {
    return `${this.#name}/${way}/${++this.#serial}`;
  }

  #ownPicture(): Promise<Picture> {
    return labelledPicture(this.#random(1000), `${this.#name} ${++this.#serial}`);
  }

  async #mutate(name: string, input: object, picture?: Picture): Promise<void> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const partial =
      name === 'ingestImage' ? `... on IngestImagePartial { imageError { ${SERVICE_ERROR} } }` : '';
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ${SERVICE_ERROR} ${partial} } }`;
    const { url } = this.#target;
    const { data, errors } = picture
      ? await post(
          url,
          multipart(
            query,
            { input: { ...input, image: { upload: null } } },
            { 'input.image.upload': picture.bytes },
          ),
          { 'apollo-require-preflight': '1' },
        )
      : await post(url, JSON.stringify({ query, variables: { input } }), {
          'content-type': 'application/json',
        });
    const result = data?.[name];
    if (result?.__typename.endsWith('Success')) return;
    const code = result?.code ?? result?.imageError?.code ?? errors?.[0]?.extensions.code;
    const isFailure = /^(SERVICE_)?(UNAVAILABLE|TIMEOUT)$/.test(code);
    throw new (isFailure ? FailedError : RefusedError)(`${name}: ${JSON.stringify(data ?? errors)}`);
  }

  async #signed(method: string, imageId: string, body?: Buffer<ArrayBuffer>): Promise<void> {
    const { status } = await signedRequest(this.#target, method, imageId, body);
    requireSuccess(`${method} /image`, status);
  }
}

/** A request of VisualSnoop's own protocol about one image. */
export async function signedRequest(
  { url, keys }: Target,
  method: string,
  imageId: string,
  body?: Buffer<ArrayBuffer>,
): Promise<{ status: number }> {
  const path = `/visualsnoop/api/v1/image/${encodeURIComponent(imageId)}`;
  const date = new Date().toUTCString();
  const headers = { date, authorization: formatAuthorization({ method, path, date }, keys) };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body }) });
  await response.text();
  return { status: response.status };
}

const SERVICE_ERROR = '... on ServiceError { code }';

function requireSuccess(request: string, status: number): void {
  if (status >= 300)
    throw new (status === 503 || status === 504 ? FailedError : RefusedError)(`${request}: ${status}`);
}

/** The gateway answered, and not with what was asked for. */
class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
}

/** It said that what it keeps things in is away or slow. */
class FailedError extends RefusedError {
  override readonly name = 'FailedError';
}
