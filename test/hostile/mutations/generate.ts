import { imgcacheCalls, visualsnoopCalls, writtenCall } from './calls.js';
import { type GraphTransport, mutatedRequest, writtenRequest } from './graph-requests.js';
import type { Sent } from './headers.js';
import { mutatedCall } from './mutated-calls.js';
import { draftsWithNulls } from './nulls.js';
import { validDrafts } from './operations.js';
import { Random } from './random.js';
import type { World } from './world.js';

export type Transport = GraphTransport | 'imgcache' | 'visualsnoop';

export interface HostileRequest {
  /** By which the log names it. */
  id: string;
  transport: Transport;
  /** What was done to a valid request. */
  done: readonly string[];
  sent: Sent;
}

const TRANSPORTS: readonly (readonly [number, Transport])[] = [
  [7, 'post'],
  [4, 'yoga'],
  [4, 'get'],
  [5, 'multipart'],
  [3, 'imgcache'],
  [3, 'visualsnoop'],
];

/** One of the requests of a seed: by its number it is the same each time. */
export function generate(world: World, seed: number, number: number): HostileRequest {
  const random = new Random(seed, number);
  const transport = random.weighted(TRANSPORTS);
  return identified(`${seed}-${number}`, transport, mutated(world, transport, random));
}

function mutated(world: World, transport: Transport, random: Random) {
  if (transport === 'imgcache') return mutatedCall(random.pick(imgcacheCalls(world)), random);
  if (transport === 'visualsnoop') return mutatedCall(random.pick(visualsnoopCalls(world)), random);
  const drafts = validDrafts(world);
  // Without files there is little to do for a multipart request.
  const withFiles = drafts.filter(({ files }) => files.length > 0);
  const draft = random.pick(transport === 'multipart' && random.chance(0.8) ? withFiles : drafts);
  return mutatedRequest(draft, transport, random);
}

/** Null, or nothing, in each place of each valid request. */
export function* requestsWithNulls(world: World): Iterator<HostileRequest> {
  for (const [number, { draft, done }] of draftsWithNulls(world).entries()) {
    const transport = draft.files.length > 0 ? 'multipart' : 'post';
    yield identified(`null-${number}`, transport, { sent: writtenRequest(draft, transport), done });
  }
}

/** All that is changed at random, as it should be. */
export function* validRequests(world: World): Iterable<HostileRequest> {
  for (const call of imgcacheCalls(world))
    yield identified('valid', 'imgcache', { sent: writtenCall(call), done: [] });
  for (const call of visualsnoopCalls(world))
    yield identified('valid', 'visualsnoop', { sent: writtenCall(call), done: [] });
  for (const draft of validDrafts(world))
    for (const transport of waysOf(draft.params.query, draft.files.length > 0))
      yield identified('valid', transport, { sent: writtenRequest(draft, transport), done: [] });
}

function waysOf(query: unknown, hasFiles: boolean): GraphTransport[] {
  if (hasFiles) return ['multipart'];
  return String(query).startsWith('mutation')
    ? ['post', 'yoga', 'multipart']
    : ['post', 'yoga', 'get', 'multipart'];
}

function identified(
  id: string,
  transport: Transport,
  { sent, done }: { sent: Sent; done: string[] },
): HostileRequest {
  return { id, transport, done, sent: { ...sent, headers: { ...sent.headers, 'x-request-id': id } } };
}
