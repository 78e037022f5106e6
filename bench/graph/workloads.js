import { lookAlikesOf } from './canned-entries.js';

const ENTRY =
  'contentHash url contentType fileSizeBytes originalFilename width height perceptualHash clientName lookupTime createdAt';

const PAGE = {
  name: 'a page of 50',
  base: 'proxy',
  clients: 32,
  goal: 5.2,
  rest: ({ word }) => `/images/search?url_contains=${word}`,
  query: () =>
    `query ($word: String!) { entries(first: 50, filter: { urlContains: $word }) { nodes { ${ENTRY} } } }`,
  variables: ({ word }) => ({ word }),
  content: ({ entries }) => entries.nodes,
};

const SIMILAR = {
  name: '20 entries with similar',
  base: 'aggregator',
  clients: 8,
  goal: 1.1,
  rest: ({ fewWord, within = 4 }) => `/similar?urlContains=${fewWord}&within=${within}`,
  query:
    () => `query ($word: String!, $within: Int!) { entries(first: 20, filter: { urlContains: $word }) { nodes {
    ${ENTRY} similar(first: 20, maxHammingDistance: $within) {
      entry { contentHash url width height } hammingDistance
    }
  } } }`,
  variables: ({ fewWord, within = 4 }) => ({ word: fewWord, within }),
  content: ({ entries }) => entries.nodes,
  lists: ({ few }) => [few, ...few.map(lookAlikesOf)],
};

/**
 * What is asked of a graph, and of a server without GraphQL for the same content.
 *
 * @typedef {object} Workload
 * @property {string} name
 * @property {'proxy' | 'aggregator'} base the server without GraphQL
 * @property {number} clients
 * @property {number} goal of the CPU to that of the base
 * @property {(page: object) => string} rest the path at the base
 * @property {() => string} query
 * @property {(page: object) => object} variables
 * @property {(data: object) => unknown} content what the data has in common with the response of the base
 * @property {(page: object) => readonly (readonly object[])[]} [lists] what is read of imgcache for a page, where parsing it counts
 * @property {() => (page: object) => object} [differently] makes what changes a page at each turn, so that no list is asked for twice
 */

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  {
    name: 'one entry',
    base: 'proxy',
    clients: 32,
    goal: 4.3,
    rest: ({ rows }) => `/images/meta/${rows[0].content_hash}`,
    query: () => `query ($h: ContentHash!) { entry(contentHash: $h) { ${ENTRY} } }`,
    variables: ({ rows }) => ({ h: rows[0].content_hash }),
    content: ({ entry }) => entry,
  },
  PAGE,
  {
    ...PAGE,
    name: 'the same, with directives',
    query: () => `query ($word: String!, $no: Boolean!, $all: Boolean!) {
    entries(first: 50, filter: { urlContains: $word }) @skip(if: $no) { nodes { ...F @include(if: $all) id @include(if: $no) } }
  } fragment F on Entry { ${ENTRY} }`,
    variables: ({ word }) => ({ word, all: true, no: false }),
  },
  {
    name: '20 aliases, 10 different',
    base: 'aggregator',
    clients: 32,
    goal: 1.9,
    rest: (page) => `/entries?${new URLSearchParams(twentyHashes(page).map((hash) => ['hash', hash]))}`,
    query: () => {
      const names = Array.from({ length: 20 }, (_, i) => `h${i}`);
      const aliases = names.map((name) => `${name}: entry(contentHash: $${name}) { ${ENTRY} }`);
      return `query (${names.map((name) => `$${name}: ContentHash!`)}) { ${aliases.join(' ')} }`;
    },
    variables: (page) => Object.fromEntries(twentyHashes(page).map((hash, i) => [`h${i}`, hash])),
    content: (data) => Object.values(data),
  },
  SIMILAR,
  { ...SIMILAR, name: 'the same, each list once', differently },
];

/** @returns what asks for other lists, of the same items, at each of 60 turns of a page: more than are kept */
function differently() {
  const turns = new Map();
  return (page) => {
    const turn = turns.get(page) ?? 0;
    turns.set(page, turn + 1);
    return { ...page, within: 5 + (turn % 60) };
  };
}

function twentyHashes({ rows }) {
  const ten = rows.slice(0, 10).map(({ content_hash }) => content_hash);
  return [...ten, ...ten];
}

/** The names of imgcache as those of the graph, and its times, which have no zone, as what they mean. */
export function comparable(value) {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const name = key.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
      if (name !== 'lookupTime' && name !== 'createdAt') return [name, comparable(each)];
      return [name, Date.parse(each.endsWith('Z') ? each : `${each}Z`)];
    }),
  );
}
