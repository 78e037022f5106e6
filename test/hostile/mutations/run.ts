import { Agent } from 'node:http';
import { type RawRequest, rawRequest } from '../../fakes/raw-request.js';
import type { HostileRequest } from './generate.js';
import { judge, type Verdict } from './judge.js';
import { MAX_UPLOAD_BYTES, type World } from './world.js';

/** Long enough for a machine that does much else: who has no answer by then never gets one. */
const HANGING_MS = 30_000;
const LANES = 4;

/** Sends them all, over a few connections, and after each a plain query that must be answered as ever. */
export async function runAll(
  url: string,
  world: World,
  requests: Iterator<HostileRequest>,
  onVerdict: (request: HostileRequest, verdict: Verdict) => void,
): Promise<void> {
  const lane = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let { value, done } = requests.next(); !done; { value, done } = requests.next())
      onVerdict(value, await verdictOn(url, world, value, agent));
    agent.destroy();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function verdictOn(
  url: string,
  world: World,
  { sent, transport }: HostileRequest,
  agent: Agent,
): Promise<Verdict> {
  const options = { agent, timeoutMs: HANGING_MS };
  const verdict = await rawRequest(url, sent, options).then(
    (answer) => judge(sent, answer, transport),
    ({ message }: Error): Verdict => ({ outcome: 'no answer', faults: [`no answer: ${message}`] }),
  );
  const ask = (request: RawRequest) =>
    rawRequest(url, request, options).then(
      ({ body }) => body.toString(),
      ({ message }: Error) => message,
    );
  let answer = await ask(world.plain.request);
  // A connection over which far too much came may end after the answer, which a client then sees too late.
  if (lengthOf(sent) > MAX_UPLOAD_BYTES && /ECONNRESET|EPIPE/.test(answer))
    answer = await ask(world.plain.request);
  if (answer !== world.plain.answer) verdict.faults.push(`then a plain query got ${answer.slice(0, 200)}`);
  return verdict;
}

function lengthOf({ body = [] }: RawRequest): number {
  return [body].flat().reduce((sum, piece) => sum + piece.length, 0);
}
