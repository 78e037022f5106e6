import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawRequest } from '../fakes/raw-request.js';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { generate, type HostileRequest, requestsWithNulls, validRequests } from './mutations/generate.js';
import { runAll } from './mutations/run.js';
import { Tally } from './mutations/tally.js';
import { createWorld, MAX_UPLOAD_BYTES, type World } from './mutations/world.js';

const SEED = Number(process.env.HOSTILE_SEED ?? 1);
const REQUESTS = Number(process.env.HOSTILE_REQUESTS ?? 2000);

let gateway: GatewayProcess;
let world: World;

beforeAll(async () => {
  gateway = await startGatewayProcess({ LOOKALIKE_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) });
  world = await createWorld(gateway.url);
});
afterAll(() => gateway?.stop());

async function tallyOf(requests: Iterator<HostileRequest>): Promise<Tally> {
  const tally = new Tally();
  const logged = gateway.log().length;
  await runAll(gateway.url, world, requests, (request, verdict) => tally.add(request, verdict));
  // Lines come by a pipe of their own, maybe after the answers.
  await sleep(200);
  const lines = gateway.log().slice(logged).split('\n').filter(Boolean);
  tally.faults.push(...lines.map((line) => `logged: ${errorOf(line)}`));
  for (const line of [...tally.lines(), ...tally.faults.map((fault) => `${fault}\n`)])
    process.stdout.write(line);
  return tally;
}

/** Of a line of the log, or the line itself when it is none. */
function errorOf(line: string): string {
  if (!line.startsWith('{')) return line;
  const { requestId, msg, err } = JSON.parse(line);
  return `${requestId} ${msg}: ${String(err?.stack).split('\n', 2).join()}`;
}

it('every request is answered without an error as long as it is not changed', async () => {
  for (const { sent } of validRequests(world)) {
    const { status, body } = await rawRequest(gateway.url, sent);
    const exchange = `${sent.method} ${sent.target} ${sent.body}: ${body}`;
    expect([200, 201], exchange).toContain(status);
    expect(body.includes('"errors"'), exchange).toBe(false);
  }
});

it('null or nothing in any place is answered as what it is', async () => {
  const { faults } = await tallyOf(requestsWithNulls(world));
  expect(faults).toEqual([]);
});

it('what is changed at random is answered as what it is, and the next query as ever', async () => {
  process.stdout.write(`HOSTILE_SEED=${SEED} HOSTILE_REQUESTS=${REQUESTS}\n`);
  const tally = await tallyOf(changedRequests());
  expect(tally.faults).toEqual([]);
  for (const transport of ['post', 'yoga', 'get', 'multipart'] as const)
    for (const outcome of ['data', 'BAD_USER_INPUT', 'BAD_REQUEST', 'GRAPHQL_VALIDATION_FAILED'])
      expect(tally.count(transport, outcome), `${transport} ${outcome}`).toBeGreaterThan(0);
}, 600_000);

function* changedRequests(): Iterator<HostileRequest> {
  for (let number = 0; number < REQUESTS; number++) yield generate(world, SEED, number);
}

it('nothing stays behind of any of them', async () => {
  await gateway.untilTidy();
});
