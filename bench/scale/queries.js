import { openConnections } from '../harness/load.js';

const ENTRY = 'contentHash url width height perceptualHash createdAt';

/** By the name of what is asked for. */
const QUERIES = {
  entry: `query ($contentHash: ContentHash!) { entry(contentHash: $contentHash) { ${ENTRY} } }`,
  page: `query ($before: DateTime!) {
    entries(first: 50, filter: { createdBefore: $before }) { nodes { ${ENTRY} } pageInfo { hasNextPage } }
  }`,
  similar: `query ($perceptualHash: PerceptualHash!, $radius: Int!) {
    similar(to: { perceptualHash: $perceptualHash }, maxHammingDistance: $radius, first: 20) {
      entries { hammingDistance entry { ${ENTRY} } }
    }
  }`,
};

/**
 * Asks a gateway on one connection.
 *
 * @param {string} url
 */
export function openClient(url) {
  const connections = openConnections(url, 1);
  return {
    /**
     * @param {keyof QUERIES} kind
     * @param {object} variables
     * @returns {Promise<string>} the response
     */
    async ask(kind, variables) {
      const response = await connections.send({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERIES[kind], variables }),
      });
      if (response.includes('"errors"')) throw new Error(`${kind} failed: ${response}`);
      return response;
    },
    close: () => connections.close(),
  };
}
