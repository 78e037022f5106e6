/** Mercurius with its compiler and its own loaders, over the imgcache of the first argument; without one, over nothing. */
import fastify from 'fastify';
import mercurius from 'mercurius';
import { print } from '../harness/report.js';
import { entriesOf, entryOf, similarTo } from './imgcache.js';
import { SCHEMA } from './schema.js';

const app = fastify();
app.register(mercurius, {
  schema: SCHEMA,
  resolvers: { Query: { entries: (_root, args) => entriesOf(args) } },
  loaders: {
    Query: {
      entry: (queries) => Promise.all(queries.map(({ params }) => entryOf(params.contentHash))),
    },
    Entry: {
      similar: (queries) => Promise.all(queries.map(({ obj, params }) => similarTo(obj, params))),
    },
  },
  jit: 1,
});
print(`ready: ${await app.listen({ port: 0, host: '127.0.0.1' })}`);
