import { createClient, LookalikeError, SimilarDocument, type Uploadable } from 'lookalike-client';

/** Stores a picture, ingests it into a new collection, and searches for what looks like it. */
export async function tour(url: string, picture: () => Uploadable) {
  const client = createClient({ url });
  const origin = { url: 'https://example.org/hill.png', clientName: 'stranger' };

  const stored = await client.storeEntry({ ...origin, image: { upload: picture() } });
  if (stored.__typename !== 'StoreEntrySuccess') throw new Error(stored.message);

  const made = await client.createCollection({ name: 'Hills' });
  if (made.__typename !== 'CreateCollectionSuccess') throw new Error(made.message);
  const { collectionId } = made.collection;

  const ingested = await client.ingestImage({ ...origin, collectionId, image: { upload: picture() } });
  if (ingested.__typename !== 'IngestImageSuccess') throw new Error(ingested.message);

  const found = await client.request(SimilarDocument, {
    to: { image: { upload: picture() } },
    collectionIds: [collectionId],
    first: 5,
  });
  const to = { contentHash: stored.entry.contentHash };
  const refused = await client.similar({ to, first: 1000 }).catch((error: unknown) => error);

  return {
    contentHash: stored.entry.contentHash,
    imageStatus: ingested.imageStatus,
    found: found.similar?.matches?.map((match) => match.contentHash),
    refused: refused instanceof LookalikeError && refused.code,
  };
}
