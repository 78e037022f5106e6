import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { EntryRef } from './refs.js';

builder.objectFields(EntryRef, (t) => ({
  urls: t.stringList({
    extensions: callsService,
    description:
      'Every URL that these bytes were stored under, in the order of their times. The original imgcache server knows only the first.',
    resolve: (entry, _args, { loaders }) => loaders.entries.inBucket(entry.bucket).urlsOf(entry),
  }),
  urlCount: t.int({
    extensions: callsService,
    description: 'How many URLs these bytes were stored under.',
    resolve: (entry, _args, { loaders }) => loaders.entries.inBucket(entry.bucket).countUrlsOf(entry),
  }),
}));
