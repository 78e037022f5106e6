import type { EntryFilter } from '../../services/entry-query.js';
import { lowerAscii } from '../../services/lower-ascii.js';
import { MAX_HOST_LENGTH, urlHost } from '../../services/url-host.js';
import { badUserInput, checkKeys } from './bad-user-input.js';
import { builder } from './builder.js';
import { ABOUT_BUCKET } from './entry-origin.js';
import { checkText } from './validation.js';

export const EntryFilterInput = builder.inputType('EntryFilter', {
  description:
    'All given conditions hold. A remote imgcache knows only urlContains; the gateway applies the rest.',
  fields: (t) => ({
    bucket: t.string({
      description: ABOUT_BUCKET,
    }),
    urlContains: t.string({
      description:
        "A plain substring of any of the entry's URLs, ASCII letters in either case: % and _ are themselves.",
    }),
    urlHost: t.string({
      description: 'The host of any of its URLs, exactly, without port; ASCII letters in either case.',
    }),
    clientName: t.string({ description: 'Exactly the client that stored the entry first.' }),
    clientNames: t.stringList({ description: 'Any of these clients; at most 100.' }),
    contentType: t.string({ description: 'Exactly this MIME type, such as image/jpeg.' }),
    contentTypes: t.stringList({
      description: 'Any of these MIME types, or kinds with a star, such as image/*; at most 100.',
    }),
    createdFrom: t.field({ type: 'DateTime', description: 'Created at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this time.' }),
    minWidth: t.int({ description: 'At least so wide, in pixels.' }),
    minHeight: t.int({ description: 'At least so high, in pixels.' }),
    hasPerceptualHash: t.boolean({
      description: 'Whether the picture could be decoded, and so has a perceptual hash.',
    }),
  }),
});

/** Conditions that were given as null count as absent. */
export function readEntryFilter({ bucket: _, ...filter }: typeof EntryFilterInput.$inferInput): EntryFilter {
  for (const key of ['urlContains', 'clientName', 'contentType'] as const)
    if (filter[key]) checkText(`filter.${key}`, filter[key]);
  for (const key of ['clientNames', 'contentTypes'] as const)
    for (const text of checkKeys(`filter.${key}`, filter[key] ?? [])) checkText(`filter.${key}`, text);
  for (const type of filter.contentTypes ?? []) checkType(type);
  for (const key of ['minWidth', 'minHeight'] as const)
    if ((filter[key] ?? 0) < 0) throw badUserInput(`filter.${key} must be 0 or more, not ${filter[key]}.`);
  if (typeof filter.urlHost === 'string') checkHost(filter.urlHost);
  return Object.fromEntries(Object.entries(filter).filter(([, condition]) => condition != null));
}

/** A star stands for all that comes behind the slash, and for nothing else. */
function checkType(type: string): void {
  if (/^[^*]*$|^[^*/]+\/\*$/.test(type)) return;
  throw badUserInput('filter.contentTypes must have MIME types, or kinds with a star such as image/*.');
}

function checkHost(host: string): void {
  if (urlHost(`https://${checkText('filter.urlHost', host)}`) === lowerAscii(host)) return;
  throw badUserInput(
    `filter.urlHost must be a host of at most ${MAX_HOST_LENGTH} characters, without scheme, port and path.`,
  );
}
