import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { bucketProblem } from '../services/bucket.js';

/** An http or https address; the result has no slash at its end. */
export const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''));

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  const number = z.int({ error: message }).min(min, { error: message }).max(max, { error: message });
  const text = z
    .string()
    .regex(/^\d{1,15}$/, { error: message })
    .transform(Number)
    .pipe(number);
  return z.union([number, text], { error: message });
}

const ratioMessage = 'must be a number from 0 to 1';
const ratioNumber = z.number().min(0, { error: ratioMessage }).max(1, { error: ratioMessage });
const ratioText = z
  .string()
  .regex(/^\d*\.?\d+$/, { error: ratioMessage })
  .transform(Number)
  .pipe(ratioNumber);

export const ratio = z.union([ratioNumber, ratioText], { error: ratioMessage });

/** An http or https address, kept letter by letter: tokens must have exactly the same. */
export const issuer = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

const originsMessage = 'must be * or origins, as in https://a.example,https://b.example:8443';

const DIALECTS = { images: 'IMAGES', cache: 'CACHE' } as const;

/** The name of a dialect of imgcache, as in the paths of its protocol. */
export const dialect = z
  .enum(['images', 'cache'], { error: 'must be one of images, cache' })
  .transform((name) => DIALECTS[name]);

/** The name of a bucket of imgcache. */
export const bucket = z.string().superRefine((name, context) => {
  const problem = bucketProblem(name);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem.replace(/\.$/, '') });
});

/** Origins in one text or, in the config file, in a list. */
export const webOrigins = z.union(
  [
    z.literal('*'),
    z
      .string()
      .transform((text) => text.split(',').map((origin) => origin.trim()))
      .refine((origins) => origins.every(isOrigin), { error: originsMessage }),
    z.array(z.string().refine(isOrigin, { error: originsMessage })),
  ],
  { error: originsMessage },
);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

export const flag = z.union(
  [z.boolean(), z.enum(['1', 'true', '0', 'false']).transform((text) => text === '1' || text === 'true')],
  { error: 'must be 1 or 0' },
);

const keyPairMessage = 'must be pairs of a public and a secret key, as in A:B,C:D';

const keyPair = z
  .string()
  .regex(/^[^\s:,]+:[^\s:,]+$/, { error: keyPairMessage })
  .transform((pair) => {
    const [publicKey = '', secretKey = ''] = pair.split(':');
    return { publicKey, secretKey };
  });

/** Pairs in one text or, in the config file, in a list. */
export const keyPairs = z.union(
  [
    z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(keyPair)),
    z.array(keyPair).min(1, { error: keyPairMessage }),
  ],
  { error: keyPairMessage },
);

/** A switch; in the config file also true or false. */
export const onOrOff = z.union([z.boolean(), z.enum(['on', 'off']).transform((word) => word === 'on')], {
  error: 'must be on or off',
});

/** A file of documents by their ids, as generators of persisted documents write it: `{ "id": "query …", … }`. */
export const trustedDocuments = z.string().transform((path, context) => {
  try {
    return readTrustedDocuments(path);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    context.addIssue(`cannot be read: ${reason}`);
    return z.NEVER;
  }
});

const manifest = z.record(z.string(), z.string());

function readTrustedDocuments(path: string): ReadonlyMap<string, string> {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { success, data } = manifest.safeParse(content);
  if (!success) throw new Error('it must hold one JSON object, with a document for each id');
  return new Map(Object.entries(data));
}
