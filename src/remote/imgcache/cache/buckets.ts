import { z } from 'zod';
import type { CallSignal } from '../../../services/call-signal.js';
import { compareText } from '../../../services/compare-text.js';
import type { DialectParts } from '../entry-lists.js';
import { get } from '../requests.js';

const BUCKETS = z.object({ buckets: z.array(z.string()) });

/** The names of all buckets that something is in, in the order of code points. */
export function readBuckets(
  { client, reads }: DialectParts,
  signal: CallSignal | undefined,
): Promise<readonly string[]> {
  const path = '/browse/buckets';
  return reads.read(
    path,
    (shared) => client.json(get(path), (value) => BUCKETS.parse(value).buckets.toSorted(compareText), shared),
    signal,
  );
}

const PREFIXES = z.object({ prefixes: z.array(z.string().nullable()) });

/** The prefixes of a bucket, in the order of code points, null first. */
export function readPrefixes(
  { client, reads }: DialectParts,
  bucket: string,
  signal: CallSignal | undefined,
): Promise<readonly (string | null)[]> {
  const path = `/browse/prefixes?${new URLSearchParams({ bucket })}`;
  const decode = (value: unknown) => PREFIXES.parse(value).prefixes.toSorted(compareNullable);
  return reads.read(path, (shared) => client.json(get(path), decode, shared), signal);
}

function compareNullable(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareText(a, b);
}
