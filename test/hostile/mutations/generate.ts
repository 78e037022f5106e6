import { type GraphTransport, mutatedRequest } from './graph-requests.js';
import type { Sent } from './headers.js';
import { imgcacheCalls, mutatedCall, visualsnoopCalls } from './old-protocols.js';
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
  const { sent, done } = mutated(world, transport, random);
  const id = `${seed}-${number}`;
  return { id, transport, done, sent: { ...sent, headers: { ...sent.headers, 'x-request-id': id } } };
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
