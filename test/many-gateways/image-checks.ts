import type { Check } from './entry-checks.js';
import type { GatewayClient, KeyedCollection } from './gateway-client.js';

/** A picture that is in the collection under a name of its own, which stays. */
export interface Anchor {
  anchorId: string;
  bytes: Buffer<ArrayBuffer>;
}

/** An image as its only writer left it. */
export interface KnownImage {
  imageId: string;
  /** The anchor of its picture. */
  anchor: Anchor;
}

const SIMILAR_TO_MEMBER = `query ($collectionId: String!, $imageId: String!) {
  image(collectionId: $collectionId, imageId: $imageId) { similar(first: 100) { image { imageId } } }
}`;
const SIMILAR_TO_PICTURE = `query ($collectionIds: [String!], $to: SimilarToInput!) {
  similar(to: $to, collectionIds: $collectionIds, first: 100) { images { image { imageId } } }
}`;
const IMAGE = `query ($collectionId: String!, $imageId: String!) {
  image(collectionId: $collectionId, imageId: $imageId) { imageId imageTime }
}`;
const NEWEST = `query ($collectionId: String!) {
  collection(collectionId: $collectionId) { images(first: 100) { nodes { imageId } } }
}`;

/** What every gateway says of the images of a collection. */
export class ImageChecks {
  readonly #collection: KeyedCollection;

  constructor(collection: KeyedCollection) {
    this.#collection = collection;
  }

  /** What every gateway must find of an image that was just added or updated. */
  isThere({ imageId, anchor }: KnownImage): Check[] {
    return [
      ...this.#searches(anchor).map(({ name, search }) => ({
        name,
        holds: async (gateway: GatewayClient) => (await search(gateway)).includes(imageId),
      })),
      { name: 'image', holds: async (gateway) => (await this.#find(gateway, imageId)) === imageId },
      {
        name: 'GET /image',
        holds: async (gateway) => (await this.#wire(gateway, 'GET', `/image/${imageId}`)).status === 200,
      },
      {
        name: 'the first page of the collection',
        holds: async (gateway) => (await this.#newest(gateway)).includes(imageId),
      },
      {
        name: 'GET /images',
        holds: async (gateway) => (await this.#wireNewest(gateway)).includes(imageId),
      },
    ];
  }

  /** What no gateway may find of an image that has another picture now. */
  isNot({ imageId, anchor }: KnownImage): Check[] {
    return this.#searches(anchor).map(({ name, search }) => ({
      name: `not ${name}`,
      holds: async (gateway) => !(await search(gateway)).includes(imageId),
    }));
  }

  /** What no gateway may find of an image that was deleted. */
  isGone(image: KnownImage): Check[] {
    const { imageId } = image;
    return [
      ...this.isNot(image),
      { name: 'no image', holds: async (gateway) => (await this.#find(gateway, imageId)) === null },
      {
        name: 'no GET /image',
        holds: async (gateway) => (await this.#wire(gateway, 'GET', `/image/${imageId}`)).status === 404,
      },
      {
        name: 'not on the first page of the collection',
        holds: async (gateway) => !(await this.#newest(gateway)).includes(imageId),
      },
    ];
  }

  /** The ways to find what has the picture of an anchor, in the same bytes or in others. */
  #searches({ anchorId, bytes }: Anchor) {
    const { collectionId } = this.#collection;
    const collectionIds = [collectionId];
    return [
      {
        name: 'similar to an image',
        search: async (gateway: GatewayClient) =>
          idsOf((await gateway.query(SIMILAR_TO_MEMBER, { collectionId, imageId: anchorId })).image.similar),
      },
      {
        name: 'similar to a picture',
        async search(gateway: GatewayClient) {
          const to = { image: { base64: bytes.toString('base64') } };
          return idsOf((await gateway.query(SIMILAR_TO_PICTURE, { collectionIds, to })).similar.images);
        },
      },
      {
        name: 'GET /search',
        search: async (gateway: GatewayClient) =>
          wireIds((await this.#wire(gateway, 'GET', `/search/${anchorId}`)).json().results),
      },
      {
        name: 'POST /search',
        search: async (gateway: GatewayClient) =>
          wireIds((await this.#wire(gateway, 'POST', '/search', bytes)).json().results),
      },
    ];
  }

  async #find(gateway: GatewayClient, imageId: string): Promise<string | null> {
    const { collectionId } = this.#collection;
    const { image } = await gateway.query(IMAGE, { collectionId, imageId });
    return image?.imageTime ? image.imageId : null;
  }

  async #newest(gateway: GatewayClient): Promise<string[]> {
    const { collectionId } = this.#collection;
    const { collection } = await gateway.query(NEWEST, { collectionId });
    return collection.images.nodes.map(({ imageId }: { imageId: string }) => imageId);
  }

  async #wireNewest(gateway: GatewayClient): Promise<string[]> {
    const { images } = (await this.#wire(gateway, 'GET', '/images')).json();
    return images.map(({ id }: { id: string }) => id);
  }

  #wire(gateway: GatewayClient, method: string, path: string, body?: Buffer<ArrayBuffer>) {
    return gateway.visualsnoop(this.#collection, method, path, body && { body });
  }
}

function idsOf(matches: readonly { image: { imageId: string } }[]): string[] {
  return matches.map(({ image }) => image.imageId);
}

function wireIds(results: readonly { id: string }[]): string[] {
  return results.map(({ id }) => id);
}
