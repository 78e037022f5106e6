import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';

const STORE = `mutation ($input: StoreEntryInput!) {
  storeEntry(input: $input) { ... on StoreEntrySuccess { entry { contentHash } } }
}`;
const DELETE = `mutation ($input: DeleteEntryInput!) { deleteEntry(input: $input) { __typename } }`;

const jpeg = picture('photos/03-fig.jpg');

let folder: string;
let gateway: TestGateway;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-backup-'));
  gateway = await startGateway({ dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Other bytes of the same picture: what follows its end is ignored. */
async function store(label: string): Promise<string> {
  const input = { url: `https://x.example/${label}`, clientName: 'test', image: { upload: null } };
  const bytes = Buffer.concat([jpeg, Buffer.from(label)]);
  const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': bytes });
  return data.storeEntry.entry.contentHash;
}

/** Stores and deletes until it is told to stop. */
async function write(client: number, stopping: AbortSignal): Promise<void> {
  for (let i = 0; !stopping.aborted; i++) {
    const contentHash = await store(`${client}-${i}`);
    if (i % 2 === 0) await gateway.graphql(DELETE, { input: { contentHash } });
  }
}

it('A copy of the database and then of the bytes, made while others write, is whole', async () => {
  const copy = join(folder, 'copy');
  const stopping = new AbortController();
  const writers = [0, 1, 2].map((client) => write(client, stopping.signal));
  const kept = await Promise.all(Array.from({ length: 20 }, (_, i) => store(`kept-${i}`)));
  const database = new Database(join(gateway.dataDir, 'lookalike.db'));
  mkdirSync(copy);
  database.exec(`vacuum into '${join(copy, 'lookalike.db')}'`);
  database.close();
  await store('later');
  cpSync(join(gateway.dataDir, 'blobs'), join(copy, 'blobs'), { recursive: true });
  stopping.abort();
  await Promise.all(writers);

  const restored = await startGateway({ dataDir: copy });
  const answer = await fetch(`${restored.url}/imgcache/images/search?url_contains=`);
  const entries = (await answer.json()) as { content_hash: string; file_size_bytes: number }[];
  expect(entries.map((entry) => entry.content_hash)).toEqual(expect.arrayContaining(kept));
  for (const entry of entries) {
    const bytes = await (await fetch(`${restored.url}/files/${entry.content_hash}`)).arrayBuffer();
    expect(bytes.byteLength).toBe(entry.file_size_bytes);
  }
  await restored.stop();
});
