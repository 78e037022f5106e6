/**
 * The least that answers the queries of the bench as GraphQL, over the imgcache of the first argument: compiled operations
 * and an undici pool. It checks nothing that it is sent and has no bound, deadline, retry, log or metric.
 */
import { createServer } from 'node:http';
import DataLoader from 'dataloader';
import { buildSchema, parse } from 'graphql';
import { compileQuery } from 'graphql-jit';
import { Pool } from 'undici';
import { print } from '../harness/report.js';
import { nearest, toEntry } from './imgcache-rows.js';

const pool = new Pool(process.argv[2], { connections: 64 });

const schema = buildSchema(`
  scalar ContentHash
  type Entry {
    id: ID
    contentHash: ContentHash!  url: String!  contentType: String!  fileSizeBytes: Float!  originalFilename: String
    width: Int  height: Int  perceptualHash: String  clientName: String!  lookupTime: String!  createdAt: String!
    similar(first: Int!, maxHammingDistance: Int!): [EntryMatch!]
  }
  type EntryMatch { entry: Entry!  hammingDistance: Int! }
  type EntryConnection { nodes: [Entry!]! }
  input EntryFilter { urlContains: String }
  type Query {
    entry(contentHash: ContentHash!): Entry
    entries(first: Int!, filter: EntryFilter): EntryConnection!
  }
`);
const query = schema.getQueryType().getFields();
query.entry.resolve = (_root, { contentHash }, { entries }) => entries.load(contentHash);
query.entries.resolve = async (_root, { first, filter }) => {
  const rows = await get(`/images/search?url_contains=${filter.urlContains}`);
  return { nodes: rows.slice(0, first).map(toEntry) };
};
schema.getType('Entry').getFields().similar.resolve = async (
  entry,
  { first, maxHammingDistance },
  { similar },
) => {
  const key = `perceptual_hash=${entry.perceptualHash}&max_hamming_distance=${maxHammingDistance}`;
  return nearest(entry, await similar.load(key), first);
};

const contextOf = () => ({
  entries: loaderOf(async (hash) => toEntry(await get(`/images/meta/${hash}`))),
  similar: loaderOf((key) => get(`/images/similar?${key}`)),
});

function loaderOf(ask) {
  return new DataLoader((keys) => Promise.all(keys.map(ask)));
}

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path });
  if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}.`);
  return body.json();
}

const compiled = new Map();
const server = createServer((req, res) => {
  let text = '';
  req.setEncoding('utf8');
  req.on('data', (chunk) => {
    text += chunk;
  });
  req.on('end', async () => {
    const { query: document, variables } = JSON.parse(text);
    if (!compiled.has(document)) compiled.set(document, compileQuery(schema, parse(document)));
    const body = JSON.stringify(await compiled.get(document).query(undefined, contextOf(), variables));
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    res.end(body);
  });
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));
