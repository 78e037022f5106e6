import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import type { ServiceName } from '#src/services/errors.js';
import {
  type Behaviour,
  closeAfter500,
  drip,
  endless,
  html,
  json,
  neverAnswer,
  redirect,
  resetAfterHead,
  resetBeforeHead,
  SECRET,
  thenClose,
  truncatedJson,
  where,
} from '../fakes/faulty-server.js';
import {
  type FaultyGateway,
  type HonestServices,
  type Remote,
  startFaultyGateway,
  startHonestServices,
} from '../harness/faulty-gateway.js';
import { type Kind, OPERATIONS, type Operation, type Outcome } from './operations.js';

/** Of a call: short where it is waited for, else longer than anything takes. */
const [SHORT_TIMEOUT_MS, TIMEOUT_MS] = [800, 5_000];

type Code = 'UNAVAILABLE' | 'TIMEOUT' | 'BAD_RESPONSE';

interface Fault {
  name: string;
  /** REFUSE: nothing listens. */
  behaviour: Behaviour | 'REFUSE' | 'CLOSE_WHEN_IDLE';
  /** Null where nothing fails. */
  code: Code | null;
  /** Whether what may be repeated, and what must not be sent twice, may be asked again. */
  retryable?: readonly [repeatable: boolean, once: boolean];
  /** How many requests what may be repeated makes; what must not be sent twice makes at most one. */
  tries: number;
  /** Its head looks good: what one gets who hands the bytes on; null for what the service sends, as it is. */
  afterHead?: { bytes: '502' | 'CUT OFF' | null };
}

const unavailable = { code: 'UNAVAILABLE', retryable: [true, false], tries: 3 } as const;
const timeout = { code: 'TIMEOUT', retryable: [true, false], tries: 1 } as const;
const garbled = { code: 'BAD_RESPONSE', retryable: [false, false], tries: 1 } as const;
const handedOn = { bytes: null } as const;
const lengthless = { bytes: '502' } as const;

// biome-ignore format: a table
const FAULTS: Fault[] = [
  { name: 'refuses', behaviour: 'REFUSE', ...unavailable, retryable: [true, true], tries: 0 },
  { name: 'resets before the head', behaviour: resetBeforeHead, ...unavailable },
  { name: 'resets after the head', behaviour: resetAfterHead, ...unavailable, afterHead: { bytes: 'CUT OFF' } },
  { name: 'never answers', behaviour: neverAnswer, ...timeout },
  { name: 'drips', behaviour: drip, ...timeout, afterHead: handedOn },
  { name: 'closes after a 500', behaviour: closeAfter500, ...unavailable },
  { name: 'closes when idle', behaviour: 'CLOSE_WHEN_IDLE', code: null, tries: 1 },
  { name: '502 with HTML', behaviour: html(502), ...unavailable },
  { name: '200 with HTML', behaviour: html(200), ...garbled, afterHead: lengthless },
  { name: 'truncated JSON', behaviour: truncatedJson, ...garbled, afterHead: handedOn },
  { name: 'wrong types', behaviour: json({ url: 1, content_hash: SECRET, status: 200, image_id: {} }), ...garbled, afterHead: handedOn },
  { name: '100 MB', behaviour: endless(100), ...garbled, afterHead: handedOn },
  { name: 'redirect', behaviour: redirect, ...garbled },
  { name: '503, Retry-After: 30', behaviour: html(503, { 'retry-after': '30' }), ...unavailable, tries: 1 },
];

const HTTP_STATUS: Record<Code, string> = { UNAVAILABLE: '503', TIMEOUT: '504', BAD_RESPONSE: '502' };
/** Over the old protocols, when all is well: POST makes what is new. */
const isSuccess = (code: string) => /^(OK|UP|DEGRADED|20[01])$/.test(code);

/** As told() words it; null where the fault cannot be met, or is no fault. */
function expected(
  { code, retryable, tries, afterHead }: Fault,
  { kind, requests = 1 }: Operation,
): string | null {
  if (code === null) return `fine, ${requests} sent`;
  const once = kind === 'ONCE' || kind === 'CAREFUL' || kind === 'WIRE_ONCE';
  const sent = once ? Math.min(1, tries) : tries;
  if (kind === 'PROBE') return `DOWN, ${sent} sent`;
  if (kind === 'WIRE' || kind === 'WIRE_ONCE') return `${HTTP_STATUS[code]}, ${sent} sent`;
  if (kind === 'BYTES' || kind === 'FILE') {
    if (!afterHead) return `${HTTP_STATUS[code]}, ${sent} sent`;
    if (kind === 'FILE') return '502, 1 sent';
    return afterHead.bytes && `${afterHead.bytes}, 1 sent`;
  }
  return `SERVICE_${code}, ${retryable![kind === 'ONCE' ? 1 : 0] ? 'retryable' : 'final'}, ${sent} sent`;
}

function told({ code, retryable }: Outcome, sent: number): string {
  if (isSuccess(code)) return `fine, ${sent} sent`;
  const again = retryable === undefined ? '' : retryable ? ', retryable' : ', final';
  return `${code}${again}, ${sent} sent`;
}

/** What no client must see: what the service says, where it is, and where in the code something failed. */
function leaks({ text }: Outcome, { service }: FaultyGateway): boolean {
  return [SECRET, 'Traceback', '<html', `:${service.port}`, '.js:', 'node:internal'].some((word) =>
    text.includes(word),
  );
}

const REMOTES = ['IMGCACHE', 'IMGCACHE_TODAY', 'VISUALSNOOP'] as const;
const serviceOf = (remote: Remote): ServiceName => (remote === 'VISUALSNOOP' ? remote : 'IMGCACHE');

let services: HonestServices;
const cells = new Map<string, string>();

beforeAll(async () => {
  services = await startHonestServices();
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  for (const remote of REMOTES) printTable(remote);
});

function printTable(remote: Remote): void {
  const lines = FAULTS.flatMap((fault) =>
    OPERATIONS[serviceOf(remote)].map(({ name }) => [
      fault.name,
      name,
      cells.get(`${remote} ${fault.name} ${name}`) ?? '',
    ]),
  );
  const rows = lines.map(([fault, name, cell]) => `  ${fault!.padEnd(24)}${name!.padEnd(24)}${cell}`);
  process.stdout.write(`\nA gateway whose ${remote} fails:\n${rows.join('\n')}\n`);
}

/** Breaks the service, for the requests that are to meet it. */
async function breakService(
  { behaviour }: Fault,
  { at }: Operation,
  { service, honest }: FaultyGateway,
): Promise<void> {
  if (behaviour === 'REFUSE') return service.leave();
  const fault = behaviour === 'CLOSE_WHEN_IDLE' ? thenClose(honest) : behaviour;
  service.behave(at ? where(at, fault, honest) : fault);
}

/** One that answers does not count as failing in a row, so that the breaker stays closed. */
async function mendService({ behaviour }: Fault, gateway: FaultyGateway): Promise<void> {
  if (behaviour === 'REFUSE') await gateway.service.comeBack();
  gateway.service.behave(gateway.honest);
  await gateway.graphql('{ services { status } }');
  // An idle connection that is about to be closed.
  await sleep(20);
  gateway.service.requests.length = 0;
}

vi.setConfig({ maxConcurrency: 7 });

describe.concurrent.each(REMOTES)('A gateway whose %s', (remote) => {
  it.for(FAULTS)('$name', async (fault, { expect }) => {
    const gateway = await startFaultyGateway(
      remote,
      services,
      fault.code === 'TIMEOUT' ? SHORT_TIMEOUT_MS : TIMEOUT_MS,
    );
    try {
      for (const operation of OPERATIONS[serviceOf(remote)]) {
        const wanted = expected(fault, operation);
        const cell = `${remote} ${fault.name} ${operation.name}`;
        if (wanted === null) continue;
        await breakService(fault, operation, gateway);
        const outcome = await operation.run(gateway);
        const sent = gateway.service.paths.filter((path) => operation.at?.test(path) ?? true).length;
        cells.set(cell, told(outcome, sent));
        expect.soft(told(outcome, sent), cell).toBe(wanted);
        if (isGraphQL(operation.kind)) expect.soft(outcome.status, cell).toBe(200);
        if (outcome.service) expect.soft(outcome.service, cell).toBe(serviceOf(remote));
        expect.soft(outcome.whole, `${cell}: what the other service has`).toBe(true);
        expect.soft(leaks(outcome, gateway), `${cell}: ${outcome.text.slice(0, 500)}`).toBe(false);
        await mendService(fault, gateway);
      }
      expect(gateway.reported).toEqual([]);
    } finally {
      await gateway.close();
    }
  });
});

function isGraphQL(kind: Kind): boolean {
  return ['READ', 'ONCE', 'PROBE'].includes(kind);
}
