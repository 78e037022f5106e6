import type { ServiceName } from '#src/services/errors.js';
import { CONTENT_HASH, type FaultyGateway, IMAGE, PICTURE_BYTES } from '../harness/faulty-gateway.js';
import { type GraphQLAnswer, multipart } from '../harness/gateway.js';

/** What a client got. */
export interface Outcome {
  /** OK, the code of the error, or the HTTP status of the old protocols. */
  code: string;
  retryable?: boolean;
  /** Which service the error names. */
  service?: string;
  /** Whether what the other service has came all the same. */
  whole: boolean;
  status: number;
  /** All that the client received. */
  text: string;
}

/**
 * How a kind of operation meets faults:
 * - READ: it may be repeated; it reads JSON.
 * - ONCE: it must not be sent twice.
 * - CAREFUL: it is sent once, as a second answer could not be told from the first; whoever asks may repeat it.
 * - STATUS: it may be repeated; its answer lies in the status, and no body is read.
 * - PROBE: as READ, told by a state.
 * - WIRE, WIRE_ONCE: the same over the old protocol and as files.
 * - BYTES, FILE: what follows the head is passed on; of a FILE, its length is known.
 */
export type Kind = 'READ' | 'ONCE' | 'CAREFUL' | 'PROBE' | 'WIRE' | 'WIRE_ONCE' | 'BYTES' | 'FILE';

export interface Operation {
  name: string;
  kind: Kind;
  /** Only requests to paths like this meet the fault; the others are answered as they should be. */
  at?: RegExp;
  /** How many it makes when all is well; one if left out. */
  requests?: number;
  run(gateway: FaultyGateway): Promise<Outcome>;
}

const origin = { url: 'https://x.example/fig.jpg', clientName: 'test' };
const HASH = `contentHash: "${CONTENT_HASH}"`;
const UNION = '__typename ... on ServiceError { code service retryable }';

/** Asks, together with something that the other service has. */
async function ask(gateway: FaultyGateway, query: string, variables: object = {}): Promise<Outcome> {
  const living =
    gateway.remote === 'IMGCACHE' ? 'collections { nodes { collectionId } }' : `entry(${HASH}) { url }`;
  const text = query.startsWith('mutation') ? query : query.replace(/}$/, `living: ${living} }`);
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, variables: { c: gateway.collectionId, ...variables } }),
  });
  return outcomeOf(response, query.startsWith('mutation') ? () => true : ({ data }) => data.living !== null);
}

/** Sends the picture as a file. */
async function upload(gateway: FaultyGateway, query: string, variables: object, path: string) {
  const body = multipart(query, variables, { [path]: PICTURE_BYTES });
  const headers = { 'apollo-require-preflight': '1' };
  return outcomeOf(await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body }), () => true);
}

async function outcomeOf(
  response: Response,
  isWhole: (answer: Omit<GraphQLAnswer, 'status'>) => boolean,
): Promise<Outcome> {
  const text = await response.text();
  const answer = JSON.parse(text) as Omit<GraphQLAnswer, 'status'>;
  const rest = { status: response.status, text, whole: isWhole(answer) };
  const [error] = answer.errors ?? [];
  if (error) return { ...rest, ...(error.extensions as { code: string }) };
  const result = Object.values(answer.data)[0] as Record<string, unknown> | null;
  const failure = (result?.imageError ?? result) as Record<string, unknown> | null;
  if (failure?.__typename !== 'ServiceError') return { ...rest, code: 'OK' };
  return { ...rest, ...failure, code: `SERVICE_${failure.code}` };
}

async function over(response: Promise<Response>): Promise<Outcome> {
  const { status, text } = await response.then(async (answer) => ({
    status: answer.status,
    text: await answer.text().catch(() => 'CUT OFF'),
  }));
  return { code: text === 'CUT OFF' ? text : String(status), status, text, whole: true };
}

const services = async (gateway: FaultyGateway): Promise<Outcome> => {
  const outcome = await ask(gateway, '{ services { name status message } }');
  const states: { name: ServiceName; status: string }[] = JSON.parse(outcome.text).data.services;
  const code = states.find(({ name }) => name === gateway.remote)!.status;
  return { ...outcome, code, whole: states.some(({ status }) => status === 'UP') };
};

const similar = (list: 'entries' | 'images', other: string) => async (gateway: FaultyGateway) => {
  const outcome = await ask(
    gateway,
    'query ($to: SimilarToInput!) { similar(to: $to) { entries { hammingDistance } images { rank } } }',
    { to: { image: IMAGE } },
  );
  const { [list]: failed, [other]: found } = JSON.parse(outcome.text).data.similar;
  return { ...outcome, whole: found.length > 0 && (failed === null) === (outcome.code !== 'OK') };
};

const ingest =
  (whole: (result: { __typename: string; entry?: object }) => boolean) => async (gateway: FaultyGateway) => {
    const outcome = await upload(
      gateway,
      `mutation ($input: IngestImageInput!) { ingestImage(input: $input) { ${UNION}
        ... on IngestImagePartial { entry { url } imageError { ${UNION} } } } }`,
      { input: { collectionId: gateway.collectionId, image: { upload: null }, ...origin } },
      'input.image.upload',
    );
    return { ...outcome, whole: outcome.code === 'OK' || whole(JSON.parse(outcome.text).data.ingestImage) };
  };

const addImage = (input: object) => (gateway: FaultyGateway) =>
  upload(
    gateway,
    `mutation ($input: AddImageInput!) { addImage(input: $input) { ${UNION} } }`,
    { input: { collectionId: gateway.collectionId, image: { upload: null }, ...input } },
    'input.image.upload',
  );

function storeForm(): FormData {
  const form = new FormData();
  form.set('url', origin.url);
  form.set('client_name', 'test');
  form.set('file', new Blob([PICTURE_BYTES]), 'fig.jpg');
  return form;
}

/** Each kind of operation that needs the service. */
export const OPERATIONS: Record<ServiceName, Operation[]> = {
  IMGCACHE: [
    {
      name: 'entry',
      kind: 'READ',
      run: (gateway) => ask(gateway, `{ entry(contentHash: "${gateway.contentHash}") { url } }`),
    },
    { name: 'entries', kind: 'READ', run: (gateway) => ask(gateway, '{ entries { nodes { url } } }') },
    { name: 'similar', kind: 'READ', run: similar('entries', 'images') },
    {
      name: 'Image.entry',
      kind: 'READ',
      run: (gateway) =>
        ask(
          gateway,
          'query ($c: String!) { collection(collectionId: $c) { images { nodes { imageId entry { url } } } } }',
        ).then((outcome) => ({
          ...outcome,
          whole:
            outcome.whole &&
            JSON.parse(outcome.text).data.collection.images.nodes[0].imageId === gateway.contentHash,
        })),
    },
    {
      name: 'storeEntry',
      kind: 'READ',
      run: (gateway) =>
        upload(
          gateway,
          `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ${UNION} } }`,
          { input: { image: { upload: null }, ...origin } },
          'input.image.upload',
        ),
    },
    { name: 'ingestImage', kind: 'READ', run: ingest(({ __typename }) => __typename === 'ServiceError') },
    {
      name: 'deleteEntry',
      kind: 'READ',
      run: (gateway) =>
        ask(gateway, `mutation { deleteEntry(input: { contentHash: "${'0'.repeat(64)}" }) { ${UNION} } }`),
    },
    { name: 'services', kind: 'PROBE', requests: 2, run: services },
    {
      name: 'GET meta',
      kind: 'WIRE',
      run: ({ url, contentHash }) => over(fetch(`${url}/imgcache/images/meta/${contentHash}`)),
    },
    { name: 'GET browse', kind: 'WIRE', run: ({ url }) => over(fetch(`${url}/imgcache/browse`)) },
    {
      name: 'POST images',
      kind: 'WIRE',
      run: ({ url }) => over(fetch(`${url}/imgcache/images`, { method: 'POST', body: storeForm() })),
    },
    {
      name: 'GET bytes',
      kind: 'BYTES',
      run: ({ url, contentHash }) => over(fetch(`${url}/imgcache/images/${contentHash}`)),
    },
    {
      name: '/files: facts',
      kind: 'WIRE',
      at: /meta/,
      run: ({ url, contentHash }) => over(fetch(`${url}/files/${contentHash}`)),
    },
    {
      name: '/files: bytes',
      kind: 'FILE',
      at: /(images|cache)\/[0-9a-f]{64}/,
      run: ({ url, contentHash }) => over(fetch(`${url}/files/${contentHash}`)),
    },
  ],
  VISUALSNOOP: [
    {
      name: 'image',
      kind: 'READ',
      run: (gateway) =>
        ask(
          gateway,
          `query ($c: String!) { image(collectionId: $c, imageId: "${CONTENT_HASH}") { imageTime } }`,
        ),
    },
    {
      name: 'images',
      kind: 'READ',
      run: (gateway) =>
        ask(gateway, 'query ($c: String!) { collection(collectionId: $c) { images { nodes { imageId } } } }'),
    },
    { name: 'similar', kind: 'READ', run: similar('images', 'entries') },
    {
      name: 'Entry.collectionImages',
      kind: 'READ',
      run: (gateway) =>
        ask(gateway, '{ entries { nodes { url collectionImages { imageTime } } } }').then((outcome) => ({
          ...outcome,
          whole: outcome.whole && JSON.parse(outcome.text).data.entries.nodes[0].url === origin.url,
        })),
    },
    { name: 'addImage', kind: 'ONCE', run: addImage({}) },
    { name: 'addImage with id', kind: 'CAREFUL', run: addImage({ imageId: 'fig' }) },
    { name: 'addImage, updating', kind: 'READ', run: addImage({ imageId: 'fig', updateExisting: true }) },
    {
      name: 'deleteImage',
      kind: 'READ',
      run: (gateway) =>
        ask(
          gateway,
          `mutation ($c: String!) { deleteImage(input: { collectionId: $c, imageId: "none" }) { ${UNION} } }`,
        ),
    },
    {
      name: 'ingestImage',
      kind: 'CAREFUL',
      run: ingest(({ __typename, entry }) => __typename === 'IngestImagePartial' && entry !== undefined),
    },
    { name: 'services', kind: 'PROBE', run: services },
    {
      name: 'GET image',
      kind: 'WIRE',
      run: (gateway) => over(gateway.signed('GET', `/image/${CONTENT_HASH}`)),
    },
    {
      name: 'POST search',
      kind: 'WIRE',
      run: (gateway) => over(gateway.signed('POST', '/search', PICTURE_BYTES)),
    },
    {
      name: 'POST image',
      kind: 'WIRE_ONCE',
      run: (gateway) => over(gateway.signed('POST', '/image', PICTURE_BYTES)),
    },
  ],
};
