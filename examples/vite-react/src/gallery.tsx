import { createClient, type EntriesQuery, LookalikeError } from 'lookalike-client';
import { type ChangeEvent, useEffect, useState } from 'react';

const client = createClient({ url: '/graphql' });

type Entry = NonNullable<NonNullable<EntriesQuery['entries']>['nodes']>[number];

/** Shows the newest entries, and stores the picture that somebody chooses. */
export function Gallery() {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [message, setMessage] = useState('');

  useEffect(() => {
    load().then(setEntries, (error: unknown) => setMessage(textOf(error)));
  }, []);

  const store = async ({ target: { files } }: ChangeEvent<HTMLInputElement>) => {
    const file = files?.[0];
    if (!file) return;
    try {
      const stored = await client.storeEntry({
        image: { upload: file },
        url: `file:///${encodeURIComponent(file.name)}`,
        clientName: 'gallery',
      });
      setMessage(
        stored.__typename === 'StoreEntrySuccess' ? `${file.name}: ${stored.status}` : stored.message,
      );
      setEntries(await load());
    } catch (error) {
      setMessage(textOf(error));
    }
  };

  return (
    <main>
      <h1>Gallery</h1>
      <input type="file" accept="image/*" aria-label="Store a picture" onChange={store} />
      <p role="status">{message}</p>
      {entries.map((entry) => (
        <img key={entry.contentHash} src={pathOf(entry.fileUrl)} alt={entry.url} height={160} />
      ))}
    </main>
  );
}

async function load(): Promise<readonly Entry[]> {
  const page = await client.entries({ first: 20 });
  return page?.nodes ?? [];
}

/** The same path on the page's own server, which passes it on. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function textOf(error: unknown): string {
  return error instanceof LookalikeError ? `${error.code}: ${error.message}` : String(error);
}
