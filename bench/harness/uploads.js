/** The two ways of sending a picture to imgcache, as requests for openConnections(). */

const BOUNDARY = 'lookalike-bench-boundary';
const CONTENT_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

const STORE_ENTRY = `mutation Store($input: StoreEntryInput!) {
  storeEntry(input: $input) {
    __typename
    ... on StoreEntrySuccess { status entry { contentHash width height perceptualHash } }
    ... on Error { message }
  }
}`;

/**
 * What stands around the bytes of the file in a body.
 *
 * @typedef {object} Envelope
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {Buffer} before
 * @property {Buffer} after
 */

/**
 * @param {number} number another URL for another number
 * @returns {Envelope}
 */
export function wireEnvelope(number) {
  return envelope('/imgcache/images', 'file', { url: urlOf(number), client_name: 'bench' });
}

/**
 * @param {number} number another URL for another number
 * @returns {Envelope}
 */
export function graphqlEnvelope(number) {
  const input = { url: urlOf(number), clientName: 'bench', image: { upload: null } };
  const operations = JSON.stringify({ query: STORE_ENTRY, variables: { input } });
  return envelope('/graphql', '0', { operations, map: '{"0":["variables.input.image.upload"]}' });
}

/**
 * @param {Envelope} envelope
 * @param {Buffer} bytes
 */
export function uploadRequest({ path, headers, before, after }, bytes) {
  return { method: 'POST', path, headers, body: Buffer.concat([before, bytes, after]) };
}

/**
 * @param {string} path
 * @param {string} fileName of the part with the file, which is the last one
 * @param {Record<string, string>} fields
 * @returns {Envelope}
 */
function envelope(path, fileName, fields) {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${fileName}"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  return {
    path,
    headers: { 'content-type': CONTENT_TYPE, 'apollo-require-preflight': '1' },
    before: Buffer.from(parts.join('') + file),
    after: Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  };
}

function urlOf(number) {
  return `https://example.org/bench/${number}.jpg`;
}
