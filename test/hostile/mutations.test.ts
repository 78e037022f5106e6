import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawRequest } from '../fakes/raw-request.js';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { generate, type HostileRequest, type Transport } from './mutations/generate.js';
import { writtenRequest } from './mutations/graph-requests.js';
import { judge } from './mutations/judge.js';
import { imgcacheCalls, visualsnoopCalls, writtenCall } from './mutations/old-protocols.js';
import { validDrafts } from './mutations/operations.js';
import { createWorld, type World } from './mutations/world.js';
import { json } from './ways.js';

const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 1e9);
const REQUESTS = Number(process.env.HOSTILE_REQUESTS ?? 2400);
const LANES = 4;
/** Long enough for a machine that does much else: who has no answer by then never gets one. */
const HANGING_MS = 30_000;

let gateway: GatewayProcess;
let world: World;

beforeAll(async () => {
  gateway = await startGatewayProcess({ LOOKALIKE_MAX_UPLOAD_BYTES: '1000000' });
  world = await createWorld(gateway.url);
});
afterAll(() => gateway?.stop());

it('answers every request with data as long as it is not changed', async () => {
  const requests = [
    ...validDrafts(world).flatMap((draft) => [
      ...(draft.files.length > 0 ? [] : [writtenRequest(draft, 'post'), writtenRequest(draft, 'yoga')]),
      ...(/^mutation/.test(String(draft.params.query)) || draft.files.length > 0
        ? []
        : [writtenRequest(draft, 'get')]),
      writtenRequest(draft, 'multipart'),
    ]),
    ...[...imgcacheCalls(world), ...visualsnoopCalls(world)].map(writtenCall),
  ];
  for (const sent of requests) {
    const answer = await rawRequest(gateway.url, sent);
    const seen = {
      sent: { ...sent, body: String(sent.body).slice(0, 3000) },
      answer: answer.body.toString().slice(0, 1000),
    };
    expect([200, 201], JSON.stringify(seen)).toContain(answer.status);
    expect(answer.body.includes('"errors"'), JSON.stringify(seen)).toBe(false);
  }
});

it(`answers ${REQUESTS} changed requests without a fault, and each time the next one as ever`, async () => {
  process.stdout.write(`HOSTILE_SEED=${SEED}\n`);
  const faults: string[] = [];
  const counts = new Map<Transport, Map<string, number>>();
  const next = (() => {
    let number = 0;
    return () => (number < REQUESTS ? generate(world, SEED, number++) : null);
  })();
  const lane = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let request = next(); request; request = next()) {
      const { outcome, faults: found } = await tell(request, agent);
      const ofTransport = counts.get(request.transport) ?? new Map<string, number>();
      counts.set(request.transport, ofTransport.set(outcome, (ofTransport.get(outcome) ?? 0) + 1));
      for (const fault of found)
        faults.push(`${request.id} ${request.transport}: ${request.done.join('; ')}: ${fault}`);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const [transport, outcomes] of counts) {
    const total = [...outcomes.values()].reduce((sum, count) => sum + count);
    const each = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome} ${count}`);
    process.stdout.write(`${transport.padEnd(12)}${String(total).padStart(5)}: ${each.join(', ')}\n`);
  }
  faults.push(...errorLines());
  process.stdout.write(faults.map((fault) => `${fault}\n`).join(''));
  expect(faults).toEqual([]);
}, 600_000);

async function tell(
  { sent, transport }: HostileRequest,
  agent: Agent,
): Promise<{ outcome: string; faults: string[] }> {
  const options = { agent, timeoutMs: HANGING_MS };
  let verdict: { outcome: string; faults: string[] };
  try {
    verdict = judge(sent, await rawRequest(gateway.url, sent, options), transport);
  } catch (error) {
    verdict = { outcome: 'no answer', faults: [`no answer: ${(error as Error).message}`] };
  }
  const plain = await rawRequest(gateway.url, plainQuery(), options).catch((error: Error) => error);
  const answer = plain instanceof Error ? plain.message : plain.body.toString();
  if (!answer.includes(`"url":"${world.kept.url}"`))
    verdict.faults.push(`then a plain query got ${answer.slice(0, 200)}`);
  return verdict;
}

function plainQuery() {
  return json({ query: `{ entry(contentHash: "${world.kept.contentHash}") { url } }` });
}

function errorLines(): string[] {
  return gateway
    .log()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `logged: ${line.slice(0, 700)}`);
}
