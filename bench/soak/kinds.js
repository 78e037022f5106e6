/** What clients do. Each kind gives a word for what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FormData, fetch, request } from 'undici';
import { formatAuthorization } from '../../dist/services/visualsnoop-signature.js';

/** How many pictures are kept; what comes above is deleted again, so that what is stored stays as much as it is. */
const MAX_KEPT = 30;

const pick = (items) => items[Math.floor(Math.random() * items.length)];

/** Sends JSON. */
const ask = (world, query, variables = {}, options = {}) =>
  send(world, '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    ...options,
  });

async function send({ url, agent }, path, options) {
  const { statusCode, body } = await request(url + path, { dispatcher: agent, ...options });
  const text = await body.text();
  return { status: statusCode, text };
}

/** OK, the code of the first error, the failed member of a union, or the HTTP status. */
function outcomeOf({ status, text }) {
  if (status >= 300) return String(status);
  if (!text.startsWith('{"')) return 'OK';
  const { errors, data } = JSON.parse(text);
  if (errors) return errors[0].extensions.code;
  const result = data && Object.values(data)[0];
  return /Error|Partial/.test(result?.__typename ?? '') ? (result.code ?? result.__typename) : 'OK';
}

/** A picture that nobody has yet: what stands behind a JPEG does not count when it is decoded. */
function newPicture(world) {
  return Buffer.concat([
    pick(world.pictures),
    Buffer.from(`${process.pid} ${world.number++} ${Math.random()}`),
  ]);
}

function upload(world, query, variables, bytes, options = {}) {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables }));
  form.set('map', '{"0":["variables.input.image.upload"]}');
  form.set('0', new Blob([bytes]), 'a.jpg');
  return sendForm(world, '/graphql', form, options);
}

async function sendForm({ url, agent: dispatcher }, path, body, options = {}) {
  const headers = { 'apollo-require-preflight': '1' };
  const answer = await fetch(url + path, { dispatcher, method: 'POST', headers, body, ...options });
  return { status: answer.status, text: await answer.text() };
}

const UNION = '__typename ... on ServiceError { code }';
const INGEST = `mutation ($input: IngestImageInput!) { ingestImage(input: $input) { ${UNION} ... on IngestImageSuccess { entry { contentHash } } ... on IngestImagePartial { entry { contentHash } } } }`;
const STORE = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ${UNION} ... on StoreEntrySuccess { entry { contentHash } } } }`;
const ENTRY = 'contentHash url width height perceptualHash fileUrl';

const origin = ({ number }) => ({ url: `https://example.org/soak/${number}.jpg`, clientName: 'soak' });

/** Remembers what was stored. */
function keep(world, answer) {
  const contentHash = /"contentHash":"([0-9a-f]{64})"/.exec(answer.text)?.[1];
  if (contentHash) world.kept.push(contentHash);
  return outcomeOf(answer);
}

async function deleteOldest(world) {
  if (world.kept.length < MAX_KEPT) return 'NOTHING';
  const contentHash = world.kept.shift();
  const answer = await ask(
    world,
    `mutation ($h: ContentHash!, $c: String!, $i: String!) {
      deleteEntry(input: { contentHash: $h }) { ${UNION} }
      deleteImage(input: { collectionId: $c, imageId: $i }) { ${UNION} }
    }`,
    { h: contentHash, i: contentHash, c: world.collection.collectionId },
  );
  return outcomeOf(answer);
}

function signed({ collection }, method, path) {
  const whole = `/visualsnoop/api/v1${path}`;
  const date = new Date().toUTCString();
  const headers = {
    date,
    authorization: formatAuthorization({ method, path: whole.replace(/\?.*/, ''), date }, collection),
  };
  return [whole, { method, headers }];
}

/** The client goes in the middle. */
async function leave(start) {
  const controller = new AbortController();
  const asked = start(controller.signal).then(
    () => 'ANSWERED',
    () => 'LEFT',
  );
  await sleep(Math.random() * 30);
  controller.abort();
  return asked;
}

const PAGE = `{ entries(first: 20) { nodes { ${ENTRY} similar { hammingDistance } collectionImages { imageId } } } }`;

const BAD = [
  { body: '{ "query": "{ entries {" }' },
  { body: 'not JSON' },
  { body: JSON.stringify({ query: `{ ${'a: services { name } '.repeat(200)} }` }) },
  { body: JSON.stringify({ query: `{ entries ${'{ nodes { similar { entry '.repeat(40)}` }) },
  { body: JSON.stringify({ query: '{ entries(first: 1000) { nodes { url } } }' }) },
  { body: JSON.stringify({ query: '{ nothing }' }) },
  { body: '[]' },
];

/** @type {Record<string, { weight: number, run: (world: object) => Promise<string> }>} */
export const KINDS = {
  entry: {
    weight: 10,
    run: async (world) =>
      outcomeOf(
        await ask(world, `query ($h: ContentHash!) { entry(contentHash: $h) { ${ENTRY} } }`, {
          h: pick(world.kept),
        }),
      ),
  },
  page: { weight: 6, run: async (world) => outcomeOf(await ask(world, PAGE)) },
  images: {
    weight: 4,
    run: async (world) =>
      outcomeOf(
        await ask(
          world,
          'query ($c: String!) { collection(collectionId: $c) { images(first: 20) { nodes { imageId imageTime entry { url } } } } }',
          { c: world.collection.collectionId },
        ),
      ),
  },
  'similar by hash': {
    weight: 3,
    run: async (world) =>
      outcomeOf(
        await ask(
          world,
          'query ($h: ContentHash!) { similar(to: { contentHash: $h }) { entries { hammingDistance } images { rank } matches { score } } }',
          { h: pick(world.kept) },
        ),
      ),
  },
  'similar by upload': {
    weight: 2,
    run: async (world) =>
      outcomeOf(
        await upload(
          world,
          'query ($input: SimilarToInput!) { similar(to: $input) { entries { hammingDistance } images { rank } } }',
          { input: { image: { upload: null } } },
          newPicture(world),
        ),
      ),
  },
  store: {
    weight: 2,
    run: async (world) => {
      const bytes = newPicture(world);
      return keep(
        world,
        await upload(world, STORE, { input: { ...origin(world), image: { upload: null } } }, bytes),
      );
    },
  },
  ingest: {
    weight: 2,
    run: async (world) => {
      const bytes = newPicture(world);
      const input = {
        ...origin(world),
        collectionId: world.collection.collectionId,
        image: { upload: null },
      };
      return keep(world, await upload(world, INGEST, { input }, bytes));
    },
  },
  'wire store': {
    weight: 2,
    run: async (world) => {
      const form = new FormData();
      const { url, clientName } = origin(world);
      form.set('url', url);
      form.set('client_name', clientName);
      form.set('file', new Blob([newPicture(world)]), 'a.jpg');
      const answer = await sendForm(world, '/imgcache/images', form);
      const contentHash = /"content_hash":"([0-9a-f]{64})"/.exec(answer.text)?.[1];
      if (contentHash) world.kept.push(contentHash);
      return answer.status < 300 ? 'OK' : String(answer.status);
    },
  },
  delete: { weight: 6, run: deleteOldest },
  file: {
    weight: 6,
    run: async (world) => {
      const { status, text } = await send(world, `/files/${pick(world.kept)}`, { method: 'GET' });
      return status === 200 && text.length > 0 ? 'OK' : String(status);
    },
  },
  'wire read': {
    weight: 4,
    run: async (world) => {
      const path = pick([
        `/images/meta/${pick(world.kept)}`,
        '/images/search?url_contains=soak&limit=20',
        '/health',
      ]);
      const { status } = await send(world, `/imgcache${path}`, { method: 'GET' });
      return status === 200 ? 'OK' : String(status);
    },
  },
  'signed read': {
    weight: 3,
    run: async (world) => {
      const path = pick(['/images?count=20', `/image/${pick(world.kept)}`, '/collection']);
      const { status } = await send(world, ...signed(world, 'GET', path));
      return status === 200 ? 'OK' : String(status);
    },
  },
  'leaves a page': { weight: 2, run: (world) => leave((signal) => ask(world, PAGE, {}, { signal })) },
  'leaves an upload': {
    weight: 2,
    run: (world) =>
      leave((signal) =>
        upload(world, STORE, { input: { ...origin(world), image: { upload: null } } }, newPicture(world), {
          signal,
        }),
      ),
  },
  'leaves a file': {
    weight: 2,
    run: (world) => leave((signal) => send(world, `/files/${pick(world.kept)}`, { method: 'GET', signal })),
  },
  'bad request': {
    weight: 3,
    run: async (world) =>
      outcomeOf(
        await send(world, '/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          ...pick(BAD),
        }),
      ),
  },
};
