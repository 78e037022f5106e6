import { mapConcurrently } from '../../request/map-concurrently.js';
import type { Staging } from '../../services/staged-image.js';
import { CorruptBlobError, MissingBlobError } from '../blobs/blobs.js';
import { openBytes } from '../blobs/read-bytes.js';
import { type BytesRow, KINDS, type Kind, type RowsOfKind } from '../store/transfer.js';
import { type Installation, rowsBehind } from './installation.js';
import { MigrationError } from './migration-error.js';
import { unsound } from './source.js';

/** Objects that are written before their rows are; a run that is interrupted writes these once more. */
const BYTES_BATCH = 64;
const CONCURRENCY = 8;

export interface Copying {
  source: Installation;
  target: Installation;
  /** On the file system that the target keeps bytes on, where it does in files. */
  staging: Staging;
  /** Told of rows that are there by now. */
  onRows(count: number): void;
}

/**
 * Copies all rows that the target does not have, each after those that it needs, and bytes before the rows that need them.
 * The keys of rows ascend: what is there is a beginning of all.
 * @returns how many rows were copied
 */
export async function copyRows(copying: Copying): Promise<number> {
  let copied = 0;
  for (const kind of KINDS)
    copied += await (kind === 'bytes'
      ? copyKind(copying, kind, (rows) => copyBytes(copying, rows))
      : copyKind(copying, kind, (rows) => copying.target.store.transfer.write(kind, rows)));
  return copied;
}

async function copyKind<K extends Kind>(
  { source, target, onRows }: Copying,
  kind: K,
  write: (rows: readonly RowsOfKind[K][]) => Promise<void>,
): Promise<number> {
  const last = await target.store.transfer.lastKey(kind);
  if (last !== null) onRows(await target.store.transfer.count(kind));
  let copied = 0;
  for await (const rows of rowsBehind(source.store.transfer, kind, last)) {
    await write(rows);
    copied += rows.length;
    if (kind !== 'bytes') onRows(rows.length);
  }
  return copied;
}

async function copyBytes(copying: Copying, rows: readonly BytesRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BYTES_BATCH) {
    const batch = rows.slice(start, start + BYTES_BATCH);
    const placed = await mapConcurrently(batch, CONCURRENCY, async (row) => {
      const place = await copyObject(copying, row.contentHash);
      copying.onRows(1);
      return { ...row, place };
    });
    await copying.target.store.transfer.writeBytes(placed);
  }
}

/** @returns the place of the bytes, where they are durable */
async function copyObject({ source, target, staging }: Copying, contentHash: string): Promise<string> {
  await using image = await staging.stage(await open(source, contentHash)).catch((error: unknown) => {
    throw error instanceof CorruptBlobError ? altered(contentHash) : error;
  });
  if (image.contentHash !== contentHash) throw altered(contentHash);
  const place = await target.store.blobs.announce(contentHash);
  await target.blobs.put(place, image);
  return place;
}

async function open(source: Installation, contentHash: string) {
  try {
    return await openBytes(source, contentHash);
  } catch (error) {
    if (!(error instanceof MissingBlobError)) throw error;
    throw new MigrationError(unsound(`The bytes of ${contentHash} are lost.`));
  }
}

function altered(contentHash: string): MigrationError {
  return new MigrationError(unsound(`The bytes of ${contentHash} are others than they were.`));
}
