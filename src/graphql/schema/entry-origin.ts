import { z } from 'zod';
import type { EntryOrigin } from '../../services/entry-origin.js';
import type { SchemaTypes } from './builder.js';
import { filenameRule } from './image-input.js';
import { bucketText, lineOfBytes } from './validation.js';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>,
  'InputObject'
>;

/** The fields on where the bytes came from, of every input that stores an entry. */
export const originFields = (t: InputFields) => ({
  url: t.string({
    required: true,
    description: 'Where they came from: any text of one line, up to 8 KiB.',
  }),
  clientName: t.string({ required: true, description: 'Who found them, up to 1 KiB.' }),
  lookupTime: t.field({ type: 'DateTime', description: 'When they were found; absent means now.' }),
  filename: t.string({
    description: 'Their file name, up to 1 KiB; absent means the one that the file is uploaded with.',
  }),
  bucket: bucketField(t),
});

/** What is said of a bucket, wherever one is named. */
export const ABOUT_BUCKET =
  'The bucket, where the same bytes have an entry of their own. Absent means the empty one of an embedded imgcache, and the one of the settings of a remote imgcache. UNSUPPORTED where a remote one has none.';

export const bucketField = (t: InputFields) =>
  t.string({
    description: ABOUT_BUCKET,
  });

export const originRules = z.object({
  bucket: bucketText,
  url: lineOfBytes(8192),
  clientName: lineOfBytes(1024),
  lookupTime: z.string().nullish(),
  filename: filenameRule.nullish(),
});

/**
 * A field that is null counts as absent.
 * @param ownName the name of the file itself
 */
export function toOrigin(
  { url, clientName, lookupTime, filename }: z.output<typeof originRules>,
  ownName: string | undefined,
): EntryOrigin {
  const name = filename ?? ownName;
  return { url, clientName, ...(lookupTime && { lookupTime }), ...(name && { filename: name }) };
}
