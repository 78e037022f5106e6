import { DeleteEntriesDocument, DeleteImagesDocument } from '../generated.js';
import { entryTiles, imageTiles, type Tile } from '../grid/tile.js';
import { deleteSoon } from './deletions.js';
import { change, failuresIn, Refusal } from './graph.js';

/** As many as one mutation takes. */
const MOST = 100;

/** Deletes entries of imgcache soon, with all their URLs. */
export function deleteEntriesSoon(contentHashes: readonly string[]): void {
  deleteSoon({
    ids: contentHashes,
    verb: 'Deletes',
    queryKey: ['entries'],
    idOf: entryTiles.id,
    send: () =>
      inParts(contentHashes, async (part) => {
        const input = { contentHashes: part };
        return (await change(DeleteEntriesDocument, 'DeleteEntriesSuccess', { input })).results;
      }),
  });
}

/** Takes images out of their collections soon. */
export function takeAwaySoon(tiles: readonly Pick<Tile, 'id' | 'image'>[]): void {
  const images = tiles.flatMap(({ image }) => image ?? []);
  deleteSoon({
    ids: tiles.map(({ id }) => id),
    verb: 'Takes away',
    queryKey: ['collections'],
    idOf: imageTiles.id,
    send: () =>
      inParts(images, async (part) => {
        const input = { images: part };
        return (await change(DeleteImagesDocument, 'DeleteImagesSuccess', { input })).results;
      }),
  });
}

async function inParts<T>(
  all: readonly T[],
  send: (part: T[]) => Promise<readonly { __typename: string; message?: string }[]>,
): Promise<void> {
  const results = [];
  for (let start = 0; start < all.length; start += MOST)
    results.push(...(await send(all.slice(start, start + MOST))));
  const failures = failuresIn(results);
  if (failures) throw new Refusal(failures);
}
