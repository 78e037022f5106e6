/** Apollo Server, over the imgcache of the first argument. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { print } from '../harness/report.js';
import { contextOf, resolvers } from './imgcache.js';
import { SCHEMA } from './schema.js';

const server = new ApolloServer({ typeDefs: SCHEMA, resolvers });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => contextOf(),
});
print(`ready: ${url.replace(/\/$/, '')}`);
