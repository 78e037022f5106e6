/** Yoga with a compiler and without what it can be without, over the imgcache of the first argument. */
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { print } from '../harness/report.js';
import { contextOf, resolvers } from './imgcache.js';
import { SCHEMA } from './schema.js';

const yoga = createYoga({
  schema: createSchema({ typeDefs: SCHEMA, resolvers }),
  context: contextOf,
  plugins: [useGraphQlJit()],
  maxRequestBodySize: false,
  logging: false,
  graphiql: false,
  landingPage: false,
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));
