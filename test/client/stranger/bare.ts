import { createClient, type LookalikeError } from 'lookalike-client';

/** Needs the types of no platform. */
export const client = createClient({
  url: '/graphql',
  fetch: async (_url, { body }) => ({ status: 200, text: async () => String(body) }),
});

export async function store(bytes: Uint8Array): Promise<string | undefined> {
  const image = { upload: bytes };
  const result = await client.storeEntry({
    image,
    url: 'https://example.org/hill.png',
    clientName: 'stranger',
  });
  return result.__typename === 'StoreEntrySuccess' ? result.entry.contentHash : result.message;
}

export const codeOf = (error: LookalikeError): string => error.code;
