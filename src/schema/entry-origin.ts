import { z } from 'zod';
import type { EntryOrigin } from '../services/imgcache/api.js';
import type { SchemaTypes } from './builder.js';
import { lineOfBytes } from './validation.js';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>,
  'InputObject'
>;

/** What every input that stores an entry says of where its bytes came from. */
export const originFields = (t: InputFields) => ({
  url: t.string({
    required: true,
    description: 'Where they came from: any text of one line, up to 8 KiB.',
  }),
  clientName: t.string({ required: true, description: 'Who found them, up to 1 KiB.' }),
  lookupTime: t.field({ type: 'DateTime', description: 'When they were found; absent means now.' }),
  filename: t.string({ description: 'Their file name, up to 1 KiB.' }),
});

export const originRules = z.object({
  url: lineOfBytes(8192),
  clientName: lineOfBytes(1024),
  lookupTime: z.string().nullish(),
  filename: lineOfBytes(1024).nullish(),
});

/** What was given as null counts as absent. */
export function toOrigin({
  url,
  clientName,
  lookupTime,
  filename,
}: z.output<typeof originRules>): EntryOrigin {
  return { url, clientName, ...(lookupTime && { lookupTime }), ...(filename && { filename }) };
}
