import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { bucketProblem } from '../services/bucket.js';
import { type Identity, SCOPES, type Scope } from './identity.js';

/** A key that is accepted, by its digest: the key itself is not kept. */
export interface ApiKey extends Identity {
  scope: Scope;
  /** SHA-256 of the key. */
  digest: Buffer;
}

/** An entry of `apiKeys` in the config file. */
export interface HashedKey {
  scope: Scope;
  /** `sha256:` and 64 hex digits. */
  hash: string;
  /** The owner's name for the key. */
  name?: string;
  /**
   * The ids of the only collections that the key is good for.
   * @default all
   */
  collections?: string[];
  /**
   * The only buckets of imgcache that the key is good for.
   * @default all
   */
  buckets?: string[];
}

const HASH_PREFIX = 'sha256:';

/** SCOPE:KEY or SCOPE@COLLECTION|bucket=BUCKET:KEY; the key is visible ASCII without comma and colon. */
const KEY_ENTRY = /^(read|write|admin)(?:@([^\s:,|@]+(?:\|[^\s:,|@]+)*))?:([!-+\--9;-~]{16,})$/;

/** What is put before the name of a bucket, among ids of collections. */
const BUCKET = 'bucket=';

const FORM =
  'must be scopes (read, write, admin) with keys of at least 16 characters, as in read:KEY,write@COLLECTION|bucket=BUCKET:KEY, or in the config file what `lookalike keys create` prints';

const hashedKey = z
  .strictObject(
    {
      scope: z.enum(SCOPES),
      hash: z.string().regex(new RegExp(`^${HASH_PREFIX}[0-9a-f]{64}$`), { error: FORM }),
      name: z.string().optional(),
      collections: z
        .array(z.string().min(1, { error: FORM }))
        .min(1, { error: FORM })
        .optional(),
      buckets: z
        .array(z.string().refine((name) => bucketProblem(name) === null, { error: FORM }))
        .min(1, { error: FORM })
        .optional(),
    },
    // Its own message repeats the names of unknown members.
    { error: FORM },
  )
  .transform(({ scope, hash, name, collections, buckets }): ApiKey => {
    const digest = Buffer.from(hash.slice(HASH_PREFIX.length), 'hex');
    return { scope, digest, name, collections: collections ?? null, ...(buckets && { buckets }) };
  });

const plainKey = z.string().transform((entry, context): ApiKey => {
  const key = parseEntry(entry);
  if (key) return key;
  context.addIssue({ code: 'custom', message: FORM });
  return z.NEVER;
});

/** The rule of the setting: keys in one text, or plain and hashed ones in a list. No message of it repeats a key. */
export const apiKeysSetting = z
  .union(
    [
      z
        .string()
        .transform((text) => text.split(',').map((entry) => entry.trim()))
        .pipe(z.array(plainKey)),
      z.array(z.union([plainKey, hashedKey], { error: FORM })).min(1, { error: FORM }),
    ],
    { error: FORM },
  )
  .refine((keys) => new Set(keys.map(({ digest }) => digest.toString('hex'))).size === keys.length, {
    error: 'has the same key twice',
  });

function parseEntry(entry: string): ApiKey | null {
  const [, scope, limits, key] = KEY_ENTRY.exec(entry) ?? [];
  if (!scope || !key) return null;
  const named = limits?.split('|') ?? [];
  const collections = named.filter((each) => !each.startsWith(BUCKET));
  const buckets = named.flatMap((each) => (each.startsWith(BUCKET) ? [each.slice(BUCKET.length)] : []));
  if (buckets.some((name) => bucketProblem(name) !== null)) return null;
  return {
    scope: scope as Scope,
    digest: digestOf(key),
    collections: collections.length > 0 ? collections : null,
    ...(buckets.length > 0 && { buckets }),
  };
}

/** Makes a key, and its entry in the config file. */
export function createKey(about: Omit<HashedKey, 'hash'>): { key: string; entry: HashedKey } {
  const key = `lookalike_${randomBytes(32).toString('base64url')}`;
  const { scope, ...rest } = about;
  return { key, entry: { scope, hash: HASH_PREFIX + digestOf(key).toString('hex'), ...rest } };
}

/** The key that was presented, or null. It compares digests with every key, so that the time reveals nothing of a key. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | null {
  const digest = digestOf(presented);
  return keys.reduce<ApiKey | null>(
    (found, key) => (timingSafeEqual(key.digest, digest) ? key : found),
    null,
  );
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
