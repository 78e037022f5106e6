import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import type { JsonValue } from '#src/services/entry.js';

const hash = (i: number) => i.toString(16).padStart(64, '0');

const someEntry = fc.record({
  url: fc.webUrl(),
  contentType: fc.constantFrom('image/png', 'application/octet-stream'),
  fileSizeBytes: fc.nat(),
  originalFilename: fc.option(fc.string({ unit: 'grapheme' })),
  width: fc.option(fc.nat()),
  height: fc.option(fc.nat()),
  perceptualHash: fc.option(fc.string({ unit: fc.constantFrom(...'0189af'), minLength: 16, maxLength: 16 })),
  clientName: fc.string({ unit: 'grapheme' }),
  prefix: fc.option(fc.string()),
  meta: fc.option(fc.json().map((text): JsonValue => JSON.parse(text))),
  retrievedAt: fc.constantFrom(null, 'NOW' as const),
  bucket: fc.constantFrom('', 'other'),
  hasSeveralUrls: fc.boolean(),
});

describe('An entry that is found by itself', () => {
  let folder: string;
  let sqlite: OpenSqlite;
  const kept = (bucket: string) => sqlite.store.entries.inBucket(bucket);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-entry-finder-'));
    sqlite = await openSqliteStore(join(folder, 'lookalike.db'));
  });
  afterAll(async () => {
    await sqlite.close();
    rmSync(folder, { recursive: true });
  });

  it('is what is found among several, also when many ask at the same time', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(someEntry, { minLength: 1, maxLength: 8 }), async (entries) => {
        const keys: { bucket: string; key: string }[] = [];
        for (const { bucket, hasSeveralUrls, ...entry } of entries) {
          const key = hash(++count);
          await kept(bucket).insert({ ...entry, contentHash: key });
          if (hasSeveralUrls)
            await kept(bucket).insert({ ...entry, contentHash: key, url: 'https://more.example/' });
          keys.push({ bucket, key }, { bucket: bucket === '' ? 'other' : '', key });
        }
        const alone = await Promise.all(keys.map(({ bucket, key }) => kept(bucket).find([key])));
        const among = await Promise.all(keys.map(({ bucket, key }) => kept(bucket).find([key, hash(0)])));
        expect(alone).toEqual(among);
        expect(alone.reduce((sum, { size }) => sum + size, 0)).toBe(entries.length);
      }),
      { numRuns: 30 },
    );
  });

  it('is not found before a transaction that began in between has ended', async () => {
    const key = 'f'.repeat(64);
    let found: Promise<Map<string, unknown>> | undefined;
    const rolledBack = sqlite.db.transaction().execute(async (transaction) => {
      found = sqlite.store.entries.find([key]);
      await transaction
        .insertInto('entries')
        .values({
          content_hash: key,
          bucket: '',
          url: 'https://x.example/',
          content_type: 'image/png',
          file_size_bytes: 1,
          client_name: 'test',
          lookup_time: '2026-01-01T00:00:00.000000Z',
          created_at: '2026-01-01T00:00:00.000000Z',
        })
        .execute();
      // The turn in which it was asked for ends while the row is there.
      await setImmediate();
      await setImmediate();
      expect(sqlite.connection.inTransaction).toBe(true);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await found).toEqual(new Map());
  });

  it('tells each who asks when it cannot be read', async () => {
    const other = await openSqliteStore(join(folder, 'other.db'));
    await other.store.entries.find([hash(1)]);
    other.connection.exec('drop table entries');
    const asked = [1, 2, 3].map((i) => other.store.entries.find([hash(i)]));
    for (const result of await Promise.allSettled(asked)) expect(result.status).toBe('rejected');
    await other.close();
  });
});
