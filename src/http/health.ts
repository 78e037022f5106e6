import type { IncomingMessage, ServerResponse } from 'node:http';
import { LightSignal } from '../request/light-signal.js';
import type { RequestScope } from '../request/request-scope.js';
import type { CallSignal } from '../services/call-signal.js';
import type { ServiceProbe } from '../services/service-probe.js';
import { sendJson } from './respond.js';

const PROBE_TIMEOUT_MS = 3000;

/** Responds that the process lives, whatever its services do. */
export function serveHealth(_req: IncomingMessage, res: ServerResponse): void {
  sendJson(res, 200, { status: 'ok' });
}

/** Responds whether every service is up: 200, or 503 with the state of each. */
export async function serveReady(
  services: readonly ServiceProbe[],
  res: ServerResponse,
  scope: RequestScope,
): Promise<void> {
  const signal = LightSignal.following([AbortSignal.timeout(PROBE_TIMEOUT_MS)], scope);
  const states = await Promise.all(
    services.map(async (service) => [service.name, await isUp(service, signal)] as const),
  );
  const ready = states.every(([, up]) => up);
  const byName = Object.fromEntries(states.map(([name, up]) => [name, up ? 'UP' : 'DOWN']));
  sendJson(res, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', services: byName });
}

async function isUp(service: ServiceProbe, signal: CallSignal): Promise<boolean> {
  return service.health(signal).then(
    () => true,
    () => false,
  );
}
