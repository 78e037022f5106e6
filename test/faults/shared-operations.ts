import { multipart } from '../harness/gateway.js';
import { CONTENT_HASH, ORIGIN, PICTURE_BYTES, type SharedGateway } from './shared-gateway.js';

/** What a client got. */
export interface Outcome {
  /** OK, a member or a code of the graph, a status of the old protocols, or CUT OFF. */
  code: string;
  text: string;
}

/**
 * What an operation needs:
 * - ROWS: it reads rows.
 * - NEW_ROWS: it writes rows.
 * - BYTES: it reads rows, and then bytes.
 * - NEW_BYTES: it writes bytes, and then rows.
 */
export type Needs = 'ROWS' | 'NEW_ROWS' | 'BYTES' | 'NEW_BYTES';

export interface Operation {
  name: string;
  needs: Needs;
  run(gateway: SharedGateway): Promise<Outcome>;
}

let serial = 0;
/** A picture that nobody has. */
const newPicture = () => Buffer.concat([PICTURE_BYTES, Buffer.from(`${++serial}`)]);

const UNION = '__typename ... on ServiceError { code }';

async function outcomeOf(response: Promise<Response>): Promise<Outcome> {
  const { data, errors, text } = await response.then(async (answer) => {
    const text = await answer.text();
    return { ...JSON.parse(text), text };
  });
  if (errors) return { code: errors[0].extensions.code, text };
  const result = Object.values(data)[0] as Record<string, unknown> | null;
  if (result?.__typename === 'IngestImagePartial') {
    const { __typename, code } = result.imageError as Record<string, unknown>;
    return { code: `Partial ${__typename} ${code}`, text };
  }
  return { code: result?.__typename === 'ServiceError' ? `ServiceError ${result.code}` : 'OK', text };
}

function ask({ url, collectionId }: SharedGateway, query: string, variables: object = {}): Promise<Outcome> {
  return outcomeOf(
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { c: collectionId, ...variables } }),
    }),
  );
}

function upload({ url }: SharedGateway, query: string, input: object): Promise<Outcome> {
  const variables = { input: { image: { upload: null }, ...input } };
  const body = multipart(query, variables, { 'input.image.upload': newPicture() });
  return outcomeOf(
    fetch(`${url}/graphql`, { method: 'POST', headers: { 'apollo-require-preflight': '1' }, body }),
  );
}

async function over(response: Promise<Response>): Promise<Outcome> {
  const { status, text } = await response.then(async (answer) => ({
    status: answer.status,
    text: await answer.text().catch(() => 'CUT OFF'),
  }));
  if (text === 'CUT OFF') return { code: text, text };
  return { code: status < 300 || status === 404 ? 'OK' : String(status), text };
}

function storeForm(): FormData {
  const form = new FormData();
  form.set('url', ORIGIN.url);
  form.set('client_name', 'test');
  form.set('file', new Blob([newPicture()]), 'fig.jpg');
  return form;
}

const HASH = `contentHash: "${CONTENT_HASH}"`;
const query = (name: string, text: string): Operation => ({
  name,
  needs: 'ROWS',
  run: (gateway) => ask(gateway, text),
});

/** Each kind of operation of the graph, of both old protocols and of the files. */
export const OPERATIONS: Operation[] = [
  query('entry', `{ entry(${HASH}) { url } }`),
  query('entriesByUrl', `{ entriesByUrl(urls: ["${ORIGIN.url}"]) { url } }`),
  query('entries', '{ entries { nodes { url } } }'),
  query('entries, by URL', '{ entries(filter: { urlContains: "fig" }) { nodes { url } } }'),
  query('Entry.similar', `{ entry(${HASH}) { similar(maxHammingDistance: 9) { hammingDistance } } }`),
  query('image', `query ($c: String!) { image(collectionId: $c, imageId: "${CONTENT_HASH}") { imageTime } }`),
  query(
    'Image.similar',
    `query ($c: String!) { image(collectionId: $c, imageId: "${CONTENT_HASH}") { similar { rank } } }`,
  ),
  query(
    'Collection.images',
    'query ($c: String!) { collection(collectionId: $c) { images { nodes { imageId } } } }',
  ),
  query('collections', '{ collections { nodes { collectionId } } }'),
  {
    name: 'storeEntry',
    needs: 'NEW_BYTES',
    run: (gateway) =>
      upload(
        gateway,
        `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ${UNION} } }`,
        ORIGIN,
      ),
  },
  {
    name: 'addImage',
    needs: 'NEW_BYTES',
    run: (gateway) =>
      upload(gateway, `mutation ($input: AddImageInput!) { addImage(input: $input) { ${UNION} } }`, {
        collectionId: gateway.collectionId,
      }),
  },
  {
    name: 'ingestImage',
    needs: 'NEW_BYTES',
    run: (gateway) =>
      upload(
        gateway,
        `mutation ($input: IngestImageInput!) { ingestImage(input: $input) { ${UNION}
          ... on IngestImagePartial { imageError { ${UNION} } } } }`,
        { collectionId: gateway.collectionId, ...ORIGIN },
      ),
  },
  {
    name: 'createCollection',
    needs: 'NEW_ROWS',
    run: (gateway) => ask(gateway, `mutation { createCollection(input: { name: "more" }) { ${UNION} } }`),
  },
  {
    name: 'deleteEntry',
    needs: 'ROWS',
    run: (gateway) =>
      ask(gateway, `mutation { deleteEntry(input: { contentHash: "${'0'.repeat(64)}" }) { ${UNION} } }`),
  },
  {
    name: 'deleteImage',
    needs: 'ROWS',
    run: (gateway) =>
      ask(
        gateway,
        `mutation ($c: String!) { deleteImage(input: { collectionId: $c, imageId: "none" }) { ${UNION} } }`,
      ),
  },
  {
    name: 'GET meta',
    needs: 'ROWS',
    run: ({ url }) => over(fetch(`${url}/imgcache/images/meta/${CONTENT_HASH}`)),
  },
  {
    name: 'POST images',
    needs: 'NEW_BYTES',
    run: ({ url }) => over(fetch(`${url}/imgcache/images`, { method: 'POST', body: storeForm() })),
  },
  {
    name: 'GET bytes',
    needs: 'BYTES',
    run: ({ url }) => over(fetch(`${url}/imgcache/images/${CONTENT_HASH}`)),
  },
  { name: 'files', needs: 'BYTES', run: ({ url }) => over(fetch(`${url}/files/${CONTENT_HASH}`)) },
  {
    name: 'GET image',
    needs: 'ROWS',
    run: (gateway) => over(gateway.signed('GET', `/image/${CONTENT_HASH}`)),
  },
  {
    name: 'POST search',
    needs: 'ROWS',
    run: (gateway) => over(gateway.signed('POST', '/search', PICTURE_BYTES)),
  },
  {
    name: 'POST image',
    needs: 'NEW_BYTES',
    run: (gateway) => over(gateway.signed('POST', '/image', newPicture())),
  },
  { name: 'DELETE image', needs: 'ROWS', run: (gateway) => over(gateway.signed('DELETE', '/image/none')) },
];
