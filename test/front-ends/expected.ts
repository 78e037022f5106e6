import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { golden, picture } from '../harness/gateway.js';

/** The photographs that the gateway of a front end holds. */
export const NAMES = ['03-fig.jpg', '05-wine.jpg', '11-picos.jpg', '36-coffee.png', '40-camera.png'].map(
  (name) => `photos/${name}`,
);
/** One that it does not hold. */
export const NEW_NAME = '12-dandelion.jpg';
export const newHash = golden(`photos/${NEW_NAME}`).blake2b256;

export function newPicture(): File {
  return new File([picture(`photos/${NEW_NAME}`)], NEW_NAME, { type: 'image/jpeg' });
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export interface PictureNode {
  id: string;
  contentHash: string;
  fileUrl: string;
  thumbnail?: { url: string; width: number; height: number } | null | undefined;
}

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export interface Page {
  entries: { totalCount: number; edges: { node: PictureNode }[]; pageInfo: PageInfo };
}

/** The results that the tests look into. */
export interface Stored {
  storeEntry: { __typename: string; entry?: { id: string } };
}
export interface Similar {
  similar: { entries: unknown; images: unknown; searches: unknown };
}

/** Both addresses of a picture can be read without a key, as by an `<img>`, and not without their signature. */
export async function expectPictures({ fileUrl, thumbnail }: PictureNode): Promise<void> {
  for (const [url, type] of [
    [fileUrl, /^image\/(jpeg|png)$/],
    [thumbnail!.url, /^image\/webp$/],
  ] as const) {
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(type),
    ]);
    await response.arrayBuffer();
    const unsigned = await fetch(url.split('?')[0]!);
    expect(unsigned.status).toBe(401);
    await unsigned.arrayBuffer();
  }
}

/** The error of a search in both services names the dead one, whose list alone is missing. */
export function expectDeadSearch(similar: Similar['similar'] | undefined, error: unknown): void {
  expect(error).toMatchObject({
    path: ['similar', 'images'],
    extensions: { code: 'SERVICE_UNAVAILABLE', service: 'VISUALSNOOP' },
  });
  expect(similar).toMatchObject({ entries: [], images: null });
  expect(similar?.searches).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ service: 'IMGCACHE', outcome: 'SEARCHED' }),
      expect.objectContaining({ service: 'VISUALSNOOP', outcome: 'FAILED' }),
    ]),
  );
}
