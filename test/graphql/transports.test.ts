import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJsonBody } from '#src/graphql/params.js';
import { sendRaw } from '../fakes/raw-request.js';
import { createRun } from './execution/ask.js';
import { createRandom } from './execution/differential/random.js';
import { randomDocument, randomVariables } from './execution/differential/random-document.js';
import { parts, schema } from './execution/differential/schema.js';
import { type StepsServer, serveSteps } from './serve-steps.js';

const DOCUMENTS = 150;
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
/** Of an address that Node takes. */
const MAX_ADDRESS = 14_000;

const run = createRun(parts);
let server: StepsServer;
// Where an item of a list fails at once, graphql-js forgets the items beside it that fail later.
const listeners = process.listeners('unhandledRejection');
beforeAll(async () => {
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => {});
  server = await serveSteps({
    run: (params, method) => run(params, { method, context: () => ({ journal: [] }) }),
    readJson: (req) => readJsonBody(req, 1_000_000),
  });
});
afterAll(() => {
  server.close();
  process.removeAllListeners('unhandledRejection');
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

type Sent = Awaited<ReturnType<typeof sendRaw>>;

interface Params {
  query?: string;
  operationName: string;
  variables: object;
  extensions?: object;
}

const post = (params: Params | Params[], headers: Record<string, string> = {}) =>
  sendRaw(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  });

const addressOf = ({ variables, extensions, ...texts }: Params) =>
  `${server.url}?${new URLSearchParams({
    ...texts,
    variables: JSON.stringify(variables),
    ...(extensions && { extensions: JSON.stringify(extensions) }),
  })}`;

const shown = ({ status, text }: Sent) => ({ status, text });

/** The responses by all ways but the plain one. */
async function byAllWays(params: Params & { query: string }, isMutation: boolean) {
  const { query, ...rest } = params;
  const extensions = {
    persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
  };
  const responses: Record<string, Sent> = {
    gzip: await post(params, { 'accept-encoding': 'gzip, identity;q=0' }),
    brotli: await post(params, { 'accept-encoding': 'br, identity;q=0' }),
    'text and hash': await post({ ...params, extensions }),
    hash: await post({ ...rest, extensions }, { 'accept-encoding': 'gzip' }),
  };
  if (!isMutation && addressOf(params).length < MAX_ADDRESS)
    responses.GET = await sendRaw(addressOf(params), {});
  if (!isMutation) responses['GET of the hash'] = await sendRaw(addressOf({ ...rest, extensions }), {});
  return responses;
}

it(`random operations have the same response by all ways (seed ${SEED})`, async () => {
  const counts = { documents: 0, responses: 0, failed: 0 };
  for (let seed = SEED; counts.documents < DOCUMENTS; seed++) {
    const random = createRandom(seed);
    const { query, operations } = randomDocument(random, schema);
    // Most are not valid.
    if (validate(schema, parse(query)).length > 0 && !random.chance(10)) continue;
    const operationName = random.pick(operations);
    const params = { query, operationName, variables: randomVariables(random) };
    const isMutation = new RegExp(`mutation\\s+${operationName}\\b`).test(query);
    const plain = shown(await post(params));
    await setImmediate(); // Rejections that nobody handles are told between turns of the event loop.
    const responses = await byAllWays(params, isMutation);
    for (const [way, response] of Object.entries(responses)) {
      expect(shown(response), `seed ${seed} by ${way}`).toEqual(plain);
      counts.responses++;
    }
    const codings = [responses.gzip, responses.brotli].map(
      (response) => response?.headers['content-encoding'],
    );
    expect(codings).toEqual(['gzip', 'br']);
    const batch = await post([params, params]);
    if (plain.status === 200) expect(batch.text).toBe(`[${plain.text},${plain.text}]`);
    counts.documents++;
    if (JSON.parse(plain.text).errors) counts.failed++;
  }
  expect(counts.failed).toBeLessThan(DOCUMENTS);
  process.stdout.write(`Random operations by all ways: ${JSON.stringify(counts)}\n`);
});
