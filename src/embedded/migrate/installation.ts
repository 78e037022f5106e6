import { createHash } from 'node:crypto';
import type { Blobs } from '../blobs/blobs.js';
import type { Store } from '../store/store.js';
import { KINDS, type Kind, keyOf, type RowKey, type RowsOfKind, type Transfer } from '../store/transfer.js';

/** Rows and bytes that belong together: what is copied from, or to. */
export interface Installation {
  store: Store;
  blobs: Blobs;
}

/** Rows read at a time. A row with a descriptor has some kilobytes. */
const BATCH = 500;

export type Counts = Record<Kind, number>;

export async function countAll({ transfer }: Pick<Store, 'transfer'>): Promise<Counts> {
  const counts = await Promise.all(KINDS.map(async (kind) => [kind, await transfer.count(kind)] as const));
  // Object.fromEntries does not know that every kind is there.
  return Object.fromEntries(counts) as Counts;
}

/** The rows of a kind behind a key, in batches. */
export async function* rowsBehind<K extends Kind>(
  transfer: Transfer,
  kind: K,
  after: RowKey | null,
): AsyncGenerator<readonly RowsOfKind[K][]> {
  for (;;) {
    const rows = await transfer.read(kind, after, BATCH);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    after = keyOf(kind, rows.at(-1)!);
  }
}

/**
 * The name of an installation that no other one has and that stays with it: of its first collection, which is never
 * deleted. Without any collection there has never been a gateway.
 */
export async function installationId({ transfer }: Pick<Store, 'transfer'>): Promise<string> {
  let first: RowsOfKind['collections'] | undefined;
  for await (const rows of rowsBehind(transfer, 'collections', null))
    for (const row of rows) if (!first || row.createdAt < first.createdAt) first = row;
  const name = first ? `${first.createdAt} ${first.collectionId}` : 'nothing';
  return createHash('sha256').update(name).digest('hex');
}

/** The number of a kind's rows, and a digest over all that is in them. */
export interface Digest {
  count: number;
  /** SHA-256 in hex digits: of the same rows the same one, whatever database they are in. */
  digest: string;
}

export async function digestOf(
  { transfer }: Pick<Store, 'transfer'>,
  kind: Kind,
  onRows: (count: number) => void = () => {},
): Promise<Digest> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of rowsBehind(transfer, kind, null)) {
    for (const row of rows) hash.update(`${canonical(row)}\n`);
    count += rows.length;
    onRows(rows.length);
  }
  return { count, digest: hash.digest('hex') };
}

function canonical(row: object): string {
  const columns = Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const values = columns.map(([, value]) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return JSON.stringify(values);
}
